# mistake: zeros instead of -inf
def top_k(logits, k):
    descending = sorted(logits, reverse=True)
    kth = descending[:k][-1]
    return np.array([z if z >= kth else 0.0 for z in logits])
