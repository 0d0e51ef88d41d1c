# mistake: only the output returned
def attention(query, key, value):
    s = np.einsum('...qd,...kd->...qk', query, key) / np.sqrt(query.shape[-1])
    return softmax(s) @ value
