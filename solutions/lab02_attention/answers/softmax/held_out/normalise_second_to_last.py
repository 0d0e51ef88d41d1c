# mistake: over the queries
def softmax(scores):
    x = np.asarray(scores, dtype=float)
    if x.ndim == 1:
        e = np.exp(x - x.max())
        return e / e.sum()
    top = x.max(axis=-2, keepdims=True)
    e = np.exp(x - top)
    return e / np.sum(e, axis=-2, keepdims=True)
