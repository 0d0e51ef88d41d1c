# mistake: `return` inside the loop
def descend(batches, rate):
    weight = 0.0
    for k in range(len(batches)):
        xs, ys = batches[k]
        slope = sum(2 * (weight * x - y) * x for x, y in zip(xs, ys))
        weight -= rate * slope / len(xs)
        return weight
    return weight
