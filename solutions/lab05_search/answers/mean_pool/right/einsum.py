import numpy as np

def mean_pool(hidden, mask):
    return np.einsum("btw,bt->bw", hidden, mask / mask.sum(axis=1, keepdims=True))
