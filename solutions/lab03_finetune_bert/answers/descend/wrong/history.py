# mistake: the weight after every step
def descend(batches, rate):
    weights = [0.0]
    for xs, ys in batches:
        gradient = sum(2 * (weights[-1] * x - y) * x for x, y in zip(xs, ys)) / len(xs)
        weights.append(weights[-1] - rate * gradient)
    return weights[1:]
