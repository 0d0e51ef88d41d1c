# mistake: tied logits counted once
def top_k(logits, k):
    distinct = sorted(set(logits), reverse=True)
    threshold = distinct[min(k, len(distinct)) - 1]
    return np.where(logits >= threshold, logits, -np.inf)
