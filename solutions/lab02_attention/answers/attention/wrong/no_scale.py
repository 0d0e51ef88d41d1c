# mistake: no scale
def attention(query, key, value):
    s = query @ np.swapaxes(key, -1, -2)
    w = softmax(s)
    return w @ value, w
