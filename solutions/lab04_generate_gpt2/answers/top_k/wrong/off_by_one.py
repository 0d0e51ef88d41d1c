# mistake: one too many kept
def top_k(logits, k):
    k = min(k, len(logits) - 1)
    threshold = np.sort(logits)[-k - 1]
    return np.where(logits >= threshold, logits, -np.inf)
