def descend(batches, rate):
    weight, gradient = 0.0, 0.0
    for xs, ys in batches:
        for x, y in zip(xs, ys):
            gradient += 2 * (weight * x - y) * x
        weight -= rate * gradient / len(xs)
        gradient *= 0
    return weight
