# mistake: scaled by the number of tokens
def attention(query, key, value, mask=None):
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-2])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return weights @ value, weights
