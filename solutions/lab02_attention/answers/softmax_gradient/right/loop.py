def softmax_gradient(weights, upstream):
    if weights.ndim > 1:
        return np.stack([softmax_gradient(w, u) for w, u in zip(weights, upstream)])
    n = len(weights)
    return [sum(upstream[i] * weights[i] * ((i == j) - weights[j]) for i in range(n)) for j in range(n)]
