# mistake: one token too many
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    order = np.argsort(probs)[::-1]
    count = np.searchsorted(np.cumsum(probs[order]), p) + 2
    result = np.full(len(logits), -np.inf)
    for i in order[:count]:
        result[i] = logits[i]
    return result
