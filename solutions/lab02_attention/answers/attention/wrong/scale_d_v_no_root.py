# mistake: scaled by d_v
def attention(query, key, value):
    weights = softmax(query @ key.swapaxes(-1, -2) / value.shape[-1])
    return weights @ value, weights
