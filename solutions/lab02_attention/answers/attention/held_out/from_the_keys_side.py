# mistake: softmax over the queries
def attention(query, key, value):
    root = math.sqrt(key.shape[-1])
    by_key = softmax(np.einsum("...kd,...qd->...kq", key, query) / root)
    weights = np.swapaxes(by_key, -1, -2)
    return np.matmul(weights, value), weights
