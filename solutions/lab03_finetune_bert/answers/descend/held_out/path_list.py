# mistake: the weight after every step
def descend(batches, rate):
    path = [0.0]
    for xs, ys in batches:
        w = path[-1]
        gradient = sum(2 * (w * x - y) * x for x, y in zip(xs, ys)) / len(xs)
        path.append(w - rate * gradient)
    return path
