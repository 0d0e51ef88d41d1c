# mistake: all tied tokens kept
def top_p(logits, p):
    total = 0.0
    probs = next_probabilities(logits, 1.0)
    for i in np.argsort(probs)[::-1]:
        total += probs[i]
        lowest = logits[i]
        if total >= p:
            break
    return np.where(logits < lowest, -np.inf, logits)
