def attention(query, key, value):
    query = query.astype(np.float32) / np.float32(query.shape[-1] ** 0.5)
    s = query @ key.astype(np.float32).swapaxes(-1, -2)
    e = np.exp(s - s.max(-1, keepdims=True))
    w = e / e.sum(-1, keepdims=True)
    return [w @ value.astype(np.float32), w]
