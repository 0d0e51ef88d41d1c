# mistake: a step for every example
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        gradient = 0.0
        for i in range(len(xs)):
            gradient += 2 * (weight * xs[i] - ys[i]) * xs[i] / len(xs)
            weight = weight - rate * gradient
    return weight
