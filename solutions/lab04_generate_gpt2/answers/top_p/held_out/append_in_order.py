# mistake: sorted
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    result, total = [], 0.0
    for q, z in sorted(zip(probs, logits), reverse=True):
        result.append(z if total < p else -np.inf)
        total += q
    return np.array(result)
