import numpy as np

def rank(scores, right):
    mask = np.ones(len(scores), dtype=bool)
    mask[right] = False
    return min(np.sum(scores[mask] >= scores[i]) + 1 for i in right)
