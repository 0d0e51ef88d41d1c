# mistake: label minus probability
def head_gradient(W, h, right):
    powers = np.exp(W @ h)
    error = np.eye(len(W))[right] - powers / powers.sum()
    return np.outer(error, h)
