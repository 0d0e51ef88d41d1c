# mistake: ties cut
def top_k(logits, k):
    order = sorted(range(len(logits)), key=lambda i: (-logits[i], (i * 7 + 3) % 5))
    return np.array([logits[i] if i in order[:k] else -np.inf for i in range(len(logits))])
