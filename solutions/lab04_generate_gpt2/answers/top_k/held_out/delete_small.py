# mistake: only the kept ones returned
def top_k(logits, k):
    if k >= len(logits):
        return logits
    threshold = np.sort(logits)[::-1][k - 1]
    small = [i for i in range(len(logits)) if logits[i] < threshold]
    return np.delete(logits, small)
