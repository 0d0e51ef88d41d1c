# mistake: not sorted
def top_p(logits, p):
    kept = [-np.inf] * len(logits)
    total = 0.0
    for i, q in enumerate(next_probabilities(logits, 1.0)):
        kept[i] = logits[i]
        total += q
        if total >= p:
            break
    return np.array(kept)
