# mistake: probabilities returned, not shared out
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(-probs)
    total = 0.0
    for i in order:
        before = total
        total += probs[i]
        if before >= p:
            probs[i] = -np.inf
    return probs
