# mistake: a causal mask
import numpy as np

def attention(query, key, value):
    scores = query @ key.swapaxes(-1, -2) / math.sqrt(query.shape[-1])
    later = np.arange(key.shape[-2])[None, :] > np.arange(query.shape[-2])[:, None]
    scores = scores - 1e12 * later
    weights = softmax(scores)
    return weights @ value, weights
