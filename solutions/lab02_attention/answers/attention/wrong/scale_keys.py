# mistake: scaled by the number of keys
def attention(query, key, value):
    n = key.shape[-2]
    w = softmax(query @ key.swapaxes(-2, -1) / math.sqrt(n))
    return np.matmul(w, value), w
