# mistake: `return` inside the loop
def perplexity(logits, ids, context, stride):
    total, n = 0.0, 0
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        last = min(start + context, len(ids) - 1)
        for i in range(n + 1, last + 1):
            total -= np.log(next_probabilities(rows[i - start - 1], 1.0)[ids[i]])
            n += 1
            return float(np.exp(total / n))
