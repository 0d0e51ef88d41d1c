# mistake: always label 0
def head_gradient(W, h, right):
    powers = np.exp(W @ h)
    error = powers / powers.sum() - np.eye(len(W))[0]
    return np.outer(error, h)
