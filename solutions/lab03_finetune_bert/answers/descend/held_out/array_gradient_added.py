# mistake: the gradient is never reset
def descend(batches, rate):
    w = 0.0
    grad = 0.0
    for batch in batches:
        x, y = np.array(batch[0]), np.array(batch[1])
        grad = grad + np.mean(2 * (w * x - y) * x)
        w = w - rate * grad
    return float(w)
