# mistake: the weight is reset
def descend(batches, rate):
    for xs, ys in batches:
        weight, gradient = 0.0, 0.0
        for x, y in zip(xs, ys):
            gradient += 2 * (weight * x - y) * x / len(xs)
        weight -= rate * gradient
    return weight
