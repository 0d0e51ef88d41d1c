def attention(query, key, value, mask=None):
    query = query / math.sqrt(key.shape[-1])
    scores = np.matmul(query, np.swapaxes(key, -1, -2))
    if mask is not None:
        scores[~np.broadcast_to(mask, scores.shape)] = -1e30
    weights = softmax(scores)
    return weights @ value, weights
