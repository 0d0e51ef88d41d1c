# mistake: the same token counted by every window
def perplexity(logits, ids, context, stride):
    total, count = 0.0, 0
    for start in range(0, len(ids) - 1, stride):
        targets = ids[start + 1 : start + context + 1]
        rows = logits(ids[start : start + len(targets)])
        for row, target in zip(rows, targets):
            total -= np.log(next_probabilities(row, 1.0)[target])
            count += 1
    return float(np.exp(total / count))
