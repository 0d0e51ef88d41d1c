# mistake: only the output returned
def attention(query, key, value):
    keys_turned = np.swapaxes(key, -1, -2)
    return np.matmul(softmax(np.matmul(query / math.sqrt(query.shape[-1]), keys_turned)), value)
