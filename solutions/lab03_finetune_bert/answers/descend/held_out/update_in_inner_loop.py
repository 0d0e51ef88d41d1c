# mistake: a step for every example
def descend(batches, rate):
    w = 0.0
    for xs, ys in batches:
        n = len(xs)
        for i in range(n):
            error = w * xs[i] - ys[i]
            w = w - rate * 2 * error * xs[i] / n
    return w
