# mistake: scaled after the softmax
def attention(query, key, value):
    w = softmax(query @ key.swapaxes(-1, -2))
    w = w / query.shape[-1] ** 0.5
    return w @ value, w
