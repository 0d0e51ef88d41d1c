# mistake: -
import numpy as np

def top_k(logits, k):
    if k >= len(logits):
        return logits.copy()
    gone = np.argpartition(logits, -k)[:-k]
    out = logits.copy()
    out[gone] = -np.inf
    return out
