# mistake: queries and keys exchanged
def attention(query, key, value):
    scale = 1 / np.sqrt(query.shape[-1])
    scores = np.einsum("...kd,...qd->...kq", key, query) * scale
    attn = softmax(scores)
    out = attn @ value
    return (out, attn)
