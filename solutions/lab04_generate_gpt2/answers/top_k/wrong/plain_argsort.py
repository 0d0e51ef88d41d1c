# mistake: -
def top_k(logits, k):
    result = np.full(len(logits), -np.inf)
    best = np.argsort(logits)[-k:]   # not stable: which of the tied stay depends on the machine
    result[best] = logits[best]
    return result
