# mistake: the softmax applied again
def to_shares(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_gradient(weights, upstream):
    p = to_shares(weights)
    inner = np.einsum("...k,...k->...", p, upstream)
    return p * (upstream - inner[..., None])
