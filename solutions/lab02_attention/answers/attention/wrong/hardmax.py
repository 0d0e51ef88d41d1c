# mistake: all or nothing
import numpy as np

def attention(query, key, value):
    scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
    weights = np.eye(key.shape[-2])[scores.argmax(axis=-1)]
    return weights @ value, weights
