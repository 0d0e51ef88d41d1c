# mistake: cut in the sorted order
def top_p(logits, p):
    descending = sorted(next_probabilities(logits, 1.0), reverse=True)
    total, count = 0.0, 0
    while total < p and count < len(descending):
        total += descending[count]
        count += 1
    return np.where(np.arange(len(logits)) < count, logits, -np.inf)
