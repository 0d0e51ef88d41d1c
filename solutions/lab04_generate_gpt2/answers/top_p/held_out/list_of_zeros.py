# mistake: zeros instead of -inf
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    kept = [0.0] * len(logits)
    total = 0.0
    for i in np.argsort(-probs):
        if total < p:
            kept[i] = float(logits[i])
        total += probs[i]
    return np.array(kept)
