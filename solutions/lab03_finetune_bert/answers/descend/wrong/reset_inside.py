# mistake: reset in the wrong loop
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        for x, y in zip(xs, ys):
            gradient = 0.0
            gradient += 2 * (weight * x - y) * x / len(xs)
        weight -= rate * gradient
    return weight
