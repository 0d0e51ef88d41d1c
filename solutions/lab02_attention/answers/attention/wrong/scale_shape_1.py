# mistake: axis=1
def attention(query, key, value):
    weights = softmax(query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[1]))
    return weights @ value, weights
