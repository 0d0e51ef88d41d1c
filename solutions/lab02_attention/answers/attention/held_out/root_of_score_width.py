# mistake: scaled by the number of keys
def attention(query, key, value):
    s = np.matmul(query, np.swapaxes(key, -2, -1))
    s = s / s.shape[-1] ** 0.5
    w = softmax(s)
    out = np.matmul(w, value)
    return out, w
