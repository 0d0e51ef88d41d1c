# mistake: label minus probability
def head_gradient(W, h, right):
    p = np.exp(W @ h) / np.exp(W @ h).sum()
    target = np.zeros(len(p))
    target[right] = 1
    return (target - p)[:, None] * h[None]
