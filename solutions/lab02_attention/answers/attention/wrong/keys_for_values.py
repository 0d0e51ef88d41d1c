# mistake: keys read as values
def attention(query, key, value):
    s = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    w = softmax(s)
    return w @ key, w
