# mistake: queries and keys exchanged
def attention(query, key, value):
    s = key @ query.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    w = softmax(s)
    return w @ value, w
