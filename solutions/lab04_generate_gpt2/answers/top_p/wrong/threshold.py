# mistake: p as a minimum probability
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    out = logits.copy()
    out[probs < p] = -np.inf
    return out
