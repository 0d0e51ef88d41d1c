# mistake: overflow
def mean_cross_entropy(logits, target):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    p = powers / powers.sum(axis=1, keepdims=True)
    return -np.mean(np.log(p[np.arange(len(target)), target]))
