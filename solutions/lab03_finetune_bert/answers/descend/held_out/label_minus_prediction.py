# mistake: uphill
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        gradient = 0.0
        for x, y in zip(xs, ys):
            gradient += 2 * x * (y - weight * x)
        weight -= rate * gradient / len(xs)
    return weight
