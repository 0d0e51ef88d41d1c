# mistake: unlikely first
def top_p(logits, p):
    probs = next_probabilities(logits, 1.0)
    queue = list(np.argsort(probs))
    nucleus, total = [], 0.0
    while queue and total < p:
        i = queue.pop(0)
        nucleus.append(i)
        total += probs[i]
    kept = np.full(len(logits), -np.inf)
    kept[nucleus] = logits[nucleus]
    return kept
