# mistake: `return` inside the loop
def descend(batches, rate):
    weight = 0.0
    for xs, ys in batches:
        gradient = 0.0
        for x, y in zip(xs, ys):
            gradient += 2 * (weight * x - y) * x / len(xs)
        weight -= rate * gradient
        return weight
