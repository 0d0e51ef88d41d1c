# mistake: one-hot left out
def head_gradient(W, h, right):
    powers = np.exp(W @ h)
    error = powers / powers.sum()
    return np.outer(error, h)
