# mistake: the lowest kept
def top_k(logits, k):
    ordered = sorted(logits)
    bound = ordered[min(k, len(ordered)) - 1]
    return np.array([z if z <= bound else -np.inf for z in logits])
