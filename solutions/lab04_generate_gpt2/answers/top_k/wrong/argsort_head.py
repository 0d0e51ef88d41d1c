# mistake: ties cut, the lowest ids stay
def top_k(logits, k):
    best = sorted(range(len(logits)), key=lambda i: logits[i], reverse=True)[:k]
    return np.array([logits[i] if i in best else -np.inf for i in range(len(logits))])
