# mistake: padding taken to be on the right
import numpy as np

def masks(attention_mask):
    n = attention_mask.shape[1]
    lengths = attention_mask.sum(axis=1)
    real = np.arange(n)[None, :] < lengths[:, None]
    return np.tril(np.ones((n, n), dtype=bool))[None] & real[:, None, :]
