# mistake: scaled by the number of queries
def attention(query, key, value):
    d_k, _ = query.shape[-2:]
    scores = query @ np.moveaxis(key, -1, -2)
    weights = softmax(scores / math.sqrt(d_k))
    output = weights @ value
    return output, weights
