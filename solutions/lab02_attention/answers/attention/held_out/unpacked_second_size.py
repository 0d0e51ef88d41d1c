# mistake: axis=1
def attention(query, key, value):
    first, d_k, *rest = query.shape
    logits = np.einsum("...qd,...kd->...qk", query, key) * d_k ** -0.5
    weights = softmax(logits)
    return weights @ value, weights
