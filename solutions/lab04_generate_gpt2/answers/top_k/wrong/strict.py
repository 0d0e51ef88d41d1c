# mistake: the k-th itself cut
def top_k(logits, k):
    k = min(k, len(logits))
    threshold = sorted(logits, reverse=True)[k - 1]
    return np.array([z if z > threshold else float('-inf') for z in logits])
