# mistake: p as a minimum probability
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    best = int(np.argmax(probs))
    kept = np.array([z if q >= p else -np.inf for z, q in zip(logits, probs)])
    kept[best] = logits[best]
    return kept
