import numpy as np

def mrr_and_hit(ranks, k):
    r = np.array([np.inf if x is None else x for x in ranks])
    return np.mean(1 / r), np.mean(r <= k)
