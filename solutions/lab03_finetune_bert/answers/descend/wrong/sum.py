# mistake: the sum instead of the mean
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        x, y = np.array(xs), np.array(ys)
        weight -= rate * np.sum(2 * (weight * x - y) * x)
    return weight
