# mistake: softmax over the queries
def attention(query, key, value):
    s = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1])
    w = softmax(s.swapaxes(-1, -2)).swapaxes(-1, -2)
    return w @ value, w
