# mistake: the k-th itself cut
def top_k(logits, k):
    if k >= len(logits):
        return logits.copy()
    result = np.full(len(logits), -np.inf)
    for i, z in enumerate(logits):
        rank = np.sum(logits >= z)
        if rank < k:
            result[i] = z
    return result
