# mistake: the ids returned
def top_k(logits, k):
    order = sorted(range(len(logits)), key=lambda i: -logits[i])
    return order[:k]
