# mistake: the weight is reset
def _step(xs, ys, rate):
    w = 0.0
    slope = sum(2 * (w * x - y) * x for x, y in zip(xs, ys)) / len(xs)
    return w - rate * slope


def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        weight = _step(xs, ys, rate)
    return weight
