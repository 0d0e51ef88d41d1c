# mistake: a large negative number instead of -inf
def top_k(logits, k):
    k = min(k, len(logits))
    threshold = np.sort(logits)[-k]
    cut = (logits < threshold).astype(float)
    return logits - 1e10 * cut
