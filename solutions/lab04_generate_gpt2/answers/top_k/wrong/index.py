# mistake: k beyond the vocabulary
def top_k(logits, k):
    threshold = sorted(logits)[-k]
    return np.where(logits >= threshold, logits, -np.inf)
