# mistake: multiplied by the scale
def attention(query, key, value):
    factor = query.shape[-1] ** 0.5
    query = query * factor
    weights = softmax(query @ key.swapaxes(-2, -1))
    return weights @ value, weights
