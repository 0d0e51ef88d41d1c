# mistake: one step at the end
def descend(batches, rate):
    weight, gradient = 0.0, 0.0
    for xs, ys in batches:
        for x, y in zip(xs, ys):
            gradient += 2 * (weight * x - y) * x / len(xs)
    weight -= rate * gradient
    return weight
