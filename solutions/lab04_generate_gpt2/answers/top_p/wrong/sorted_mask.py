# mistake: cut in the sorted order
def top_p(logits, p):
    probs = np.sort(next_probabilities(logits, 1.0))[::-1]
    before = np.cumsum(probs) - probs
    result = logits.copy()
    result[before >= p] = -np.inf
    return result
