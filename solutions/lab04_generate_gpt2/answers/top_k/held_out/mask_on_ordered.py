# mistake: sorted
def top_k(logits, k):
    ordered = sorted(logits, reverse=True)
    threshold = ordered[min(k, len(ordered)) - 1]
    result = []
    for z in ordered:
        result.append(z if z >= threshold else -np.inf)
    return np.array(result)
