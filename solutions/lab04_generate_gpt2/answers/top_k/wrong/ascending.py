# mistake: the lowest kept
def top_k(logits, k):
    k = min(k, len(logits))
    low = sorted(logits)[k - 1]
    out = logits.copy()
    out[logits > low] = -np.inf
    return out
