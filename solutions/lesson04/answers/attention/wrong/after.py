# mistake: scaled after the softmax
def attention(query, key, value, mask=None):
    scores = query @ key.swapaxes(-1, -2)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores) / np.sqrt(query.shape[-1])
    return weights @ value, weights
