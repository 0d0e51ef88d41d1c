# mistake: zeros instead of -inf
def top_k(logits, k):
    k = min(k, len(logits))
    threshold = np.sort(logits)[-k]
    return logits * (logits >= threshold)
