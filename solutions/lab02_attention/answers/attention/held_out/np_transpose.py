# mistake: all axes turned with .T
def attention(query, key, value):
    d_k = query.shape[-1]
    scores = np.matmul(query, np.transpose(key)) / np.sqrt(d_k)
    p = softmax(scores)
    return np.matmul(p, value), p
