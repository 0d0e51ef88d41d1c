# mistake: ties cut
def top_k(logits, k):
    order = sorted(range(len(logits)), key=lambda i: (logits[i], i % 2, i), reverse=True)
    out = np.full(len(logits), -np.inf)
    for i in order[:k]:
        out[i] = logits[i]
    return out
