def head_gradient(W, h, right):
    z = W @ h
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    gradient = p[:, None] * h
    gradient[right] -= h
    return gradient
