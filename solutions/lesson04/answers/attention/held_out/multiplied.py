# mistake: not scaled
def attention(query, key, value, mask=None):
    scores = np.matmul(query, key.swapaxes(-1, -2))
    if mask is not None:
        scores = np.where(mask, scores, -1e9)
    weights = softmax(scores)
    return np.matmul(weights, value), weights
