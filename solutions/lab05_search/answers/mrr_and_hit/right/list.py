import numpy as np

def mrr_and_hit(ranks, k):
    inverse = [0 if r is None else 1 / r for r in ranks]
    inside = [r in range(1, k + 1) for r in ranks]
    return [np.average(inverse), np.average(inside)]
