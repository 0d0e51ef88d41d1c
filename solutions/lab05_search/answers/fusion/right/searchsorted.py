import numpy as np

def fusion(searches, k):
    fused = np.zeros(len(searches[0]))
    for s in searches:
        ordered = np.sort(s)
        fused += 1 / (k + len(s) - np.searchsorted(ordered, s, side="left"))
    return fused
