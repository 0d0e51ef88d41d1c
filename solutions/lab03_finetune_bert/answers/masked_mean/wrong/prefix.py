# mistake: padding taken to be on the right
import numpy as np

def masked_mean(vectors, attention_mask):
    lengths = attention_mask.sum(axis=1)
    return np.array([v[:n].mean(axis=0) for v, n in zip(vectors, lengths)])
