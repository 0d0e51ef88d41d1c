# mistake: ties cut
import numpy as np

def top_k(logits, k):
    out = np.full_like(logits, -np.inf)
    best = np.argsort(logits)[-k:]
    out[best] = logits[best]
    return out
