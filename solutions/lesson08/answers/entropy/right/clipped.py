def entropy(p):
    return -(p * np.log(np.maximum(p, 1e-300))).sum(-1) / np.log(2)
