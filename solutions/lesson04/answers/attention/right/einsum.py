def attention(query, key, value, mask=None):
    scores = np.einsum("...qd,...kd->...qk", query, key) / query.shape[-1] ** 0.5
    weights = softmax(scores if mask is None else scores + np.where(mask, 0, -np.inf))
    return np.einsum("...qk,...kd->...qd", weights, value), weights
