# mistake: a causal mask
def attention(query, key, value):
    weights = softmax(query @ key.swapaxes(-1, -2) / query.shape[-1] ** 0.5)
    weights = weights * np.tril(np.ones(weights.shape))
    return weights @ value, weights
