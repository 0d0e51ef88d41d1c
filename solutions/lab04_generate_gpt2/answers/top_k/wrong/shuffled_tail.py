# mistake: ties cut
import numpy as np

def top_k(logits, k):
    keep = np.argsort(logits)[::-1][:k]
    keep = np.random.default_rng(0).permutation(keep)
    out = np.full(len(logits), -np.inf)
    out[keep] = logits[keep]
    return out
