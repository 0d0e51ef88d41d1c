def attention(query, key, value):
    scores = np.einsum("...qd,...kd->...qk", query, key) / math.sqrt(query.shape[-1])
    weights = softmax(scores)
    return np.einsum("...qk,...kv->...qv", weights, value), weights
