def attention(query, key, value):
    if query.ndim > 2:
        pairs = [attention(q, k, v) for q, k, v in zip(query, key, value)]
        return np.stack([p[0] for p in pairs]), np.stack([p[1] for p in pairs])
    weights = np.zeros((len(query), len(key)))
    for i, q in enumerate(query):
        for j, k in enumerate(key):
            weights[i, j] = sum(a * b for a, b in zip(q, k)) / len(q) ** 0.5
    weights = softmax(weights)
    return weights.dot(value), weights
