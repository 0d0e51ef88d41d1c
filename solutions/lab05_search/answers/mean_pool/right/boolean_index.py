import numpy as np

def mean_pool(hidden, mask):
    return np.array([h[m.astype(bool)].mean(axis=0) for h, m in zip(hidden, mask)])
