# mistake: the mask is not used
def attention(query, key, value, mask=None):
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    weights = softmax(scores)
    return weights @ value, weights
