# mistake: the factor 2 lost
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        x, y = np.array(xs), np.array(ys)
        weight -= rate * ((weight * x - y) * x).mean()
    return weight
