# mistake: the mean of the windows' means
def perplexity(logits, ids, context, stride):
    means, counted = [], 1
    start = 0
    while counted < len(ids):
        stop = min(start + context, len(ids) - 1)
        rows = logits(ids[start:stop])
        new = []
        for i in range(counted, stop + 1):
            q = next_probabilities(rows[i - 1 - start], 1.0)
            new.append(-np.log(q[ids[i]]))
        means.append(sum(new) / len(new))
        counted = stop + 1
        start += stride
    return float(np.exp(sum(means) / len(means)))
