def entropy(p):
    log_p = np.log2(p, where=p > 0, out=np.zeros_like(p))
    return -np.sum(p * log_p, axis=-1)
