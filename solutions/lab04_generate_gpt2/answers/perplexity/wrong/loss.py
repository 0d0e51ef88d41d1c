# mistake: no exponential
def perplexity(logits, ids, context, stride):
    losses, counted = [], 1
    for start in range(0, len(ids) - 1, stride):
        end = min(start + context + 1, len(ids))
        rows = logits(ids[start : end - 1])
        for i in range(max(counted, start + 1), end):
            p = next_probabilities(rows[i - start - 1], 1.0)[ids[i]]
            losses.append(-np.log(p))
        counted = max(counted, end)
    return float(np.mean(losses))
