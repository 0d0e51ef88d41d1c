# mistake: sorted
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(-probs, kind='stable')
    total = np.cumsum(probs[order])
    z = logits[order]
    z[total - probs[order] >= p] = -np.inf
    return z
