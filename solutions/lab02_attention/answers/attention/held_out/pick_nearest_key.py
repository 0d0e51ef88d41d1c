# mistake: all or nothing
def attention(query, key, value):
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1])
    best = scores.argmax(axis=-1)
    positions = np.arange(key.shape[-2])
    weights = (positions == best[..., None]).astype(float)
    return weights @ value, weights
