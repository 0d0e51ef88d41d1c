# mistake: no scale
def attention(query, key, value):
    similarity = np.einsum("...qd,...kd->...qk", query, key)
    probs = softmax(similarity)
    return np.einsum("...qk,...kv->...qv", probs, value), probs
