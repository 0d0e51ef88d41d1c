# mistake: transposed
def head_gradient(W, h, right):
    powers = np.exp(W @ h)
    error = powers / powers.sum() - np.eye(len(W))[right]
    return np.outer(h, error)
