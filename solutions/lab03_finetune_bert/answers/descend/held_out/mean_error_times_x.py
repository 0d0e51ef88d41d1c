# mistake: the factor 2 lost
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        parts = [(weight * x - y) * x for x, y in zip(xs, ys)]
        weight = weight - rate * sum(parts) / len(parts)
    return weight
