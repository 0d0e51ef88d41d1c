# mistake: ties cut, the lowest ids stay
def top_k(logits, k):
    left = logits.astype(float).copy()
    result = np.full(len(logits), -np.inf)
    for _ in range(min(k, len(logits))):
        best = int(np.argmax(left))
        result[best] = logits[best]
        left[best] = -np.inf
    return result
