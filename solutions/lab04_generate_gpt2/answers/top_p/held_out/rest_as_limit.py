# mistake: the mass 1 - p
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    limit = 1 - p
    kept = np.full(logits.shape, -np.inf)
    total = 0
    for i in np.argsort(-probs):
        if total >= limit:
            break
        kept[i] = logits[i]
        total += probs[i]
    return kept
