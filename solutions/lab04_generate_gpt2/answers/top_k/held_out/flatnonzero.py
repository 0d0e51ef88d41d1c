# mistake: the ids returned
def top_k(logits, k):
    k = min(k, logits.size)
    threshold = np.partition(logits, -k)[-k]
    return np.flatnonzero(logits >= threshold)
