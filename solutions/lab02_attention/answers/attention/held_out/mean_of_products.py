# mistake: scaled by d_k
def attention(query, key, value):
    # average product of the coordinates
    scores = (query[..., :, None, :] * key[..., None, :, :]).mean(axis=-1)
    weights = softmax(scores)
    return weights @ value, weights
