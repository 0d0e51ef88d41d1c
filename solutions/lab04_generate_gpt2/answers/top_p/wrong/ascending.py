# mistake: unlikely first
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(probs)
    before = np.cumsum(probs[order]) - probs[order]
    out = np.full(len(logits), -np.inf)
    out[order[before < p]] = logits[order[before < p]]
    return out
