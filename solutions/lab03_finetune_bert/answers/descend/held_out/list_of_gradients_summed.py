# mistake: one step at the end
def descend(batches, rate):
    weight = 0.0
    gradients = []
    for xs, ys in batches:
        x, y = np.asarray(xs), np.asarray(ys)
        gradients.append(np.mean(2 * (weight * x - y) * x))
    return float(weight - rate * sum(gradients))
