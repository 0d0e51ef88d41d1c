# mistake: the mass 1 - p
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(-probs, kind='stable')
    total = np.cumsum(probs[order])
    before = total - probs[order]
    keep = order[before < 1 - p]
    out = np.full(len(logits), -np.inf)
    out[keep] = logits[keep]
    return out
