# mistake: probabilities returned, not shared out
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(-probs, kind='stable')
    total = np.cumsum(probs[order])
    keep = order[total - probs[order] < p]
    out = np.zeros(len(logits))
    out[keep] = probs[keep]
    return out
