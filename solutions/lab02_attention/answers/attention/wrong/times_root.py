# mistake: multiplied by the scale
def attention(query, key, value):
    w = softmax(query @ key.swapaxes(-1, -2) * np.sqrt(query.shape[-1]))
    return w @ value, w
