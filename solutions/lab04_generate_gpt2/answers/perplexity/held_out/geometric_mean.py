# mistake: the sign lost
def perplexity(logits, ids, context, stride):
    probs = {}
    for start in range(0, len(ids) - 1, stride):
        targets = ids[start + 1 : start + 1 + context]
        rows = logits(ids[start : start + context])
        for j, target in enumerate(targets):
            probs.setdefault(start + j + 1, next_probabilities(rows[j], 1.0)[target])
    return float(np.prod(list(probs.values())) ** (1 / len(probs)))
