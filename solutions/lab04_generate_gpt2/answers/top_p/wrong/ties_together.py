# mistake: all tied tokens kept
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(-probs, kind='stable')
    total = np.cumsum(probs[order])
    n = int((total < p).sum())
    return np.where(logits >= logits[order[n]] - 1e-12, logits, -np.inf)
