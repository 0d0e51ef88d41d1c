# mistake: k beyond the vocabulary
def top_k(logits, k):
    kth = sorted(logits, reverse=True)[k - 1]
    result = logits.copy()
    for i in range(len(result)):
        if result[i] < kth:
            result[i] = -np.inf
    return result
