# mistake: ties cut
def top_k(logits, k):
    if k >= len(logits):
        return logits.copy()
    chosen = np.argpartition(logits, -k)[-k:]
    result = np.full(len(logits), -np.inf)
    result[chosen] = logits[chosen]
    return result
