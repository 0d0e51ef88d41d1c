# mistake: scaled after the softmax
def attention(query, key, value):
    d = key.shape[-1]
    products = np.matmul(query, key.swapaxes(-1, -2))
    weights = softmax(products)
    weights = weights / d ** 0.5
    result = np.matmul(weights, value)
    return result, weights
