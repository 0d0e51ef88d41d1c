# mistake: key not transposed
def attention(query, key, value, mask=None):
    scores = query @ key / np.sqrt(query.shape[-1])
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    weights = softmax(scores)
    return weights @ value, weights
