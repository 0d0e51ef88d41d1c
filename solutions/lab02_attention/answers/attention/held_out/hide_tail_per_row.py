# mistake: a causal mask
def attention(query, key, value):
    d_k = query.shape[-1]
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(d_k)
    for i in range(scores.shape[-2]):
        scores[..., i, i + 1:] = -1e9
    weights = softmax(scores)
    return weights @ value, weights
