# mistake: not scaled
def attention(query, key, value, mask=None):
    scores = query @ key.swapaxes(-1, -2)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return weights @ value, weights
