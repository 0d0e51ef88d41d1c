# mistake: not sorted
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    result = np.array(logits)
    mass = 0.0
    for i, q in enumerate(probs):
        if mass >= p:
            result[i] = -np.inf
        mass += q
    return result
