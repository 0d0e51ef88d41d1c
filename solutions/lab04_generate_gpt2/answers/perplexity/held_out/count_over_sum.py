# mistake: the mean of the probabilities
def perplexity(logits, ids, context, stride):
    total, count = 0.0, 0
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        for j in range(count - start, len(rows)):
            if start + j + 1 < len(ids):
                total += next_probabilities(rows[j], 1.0)[ids[start + j + 1]]
                count += 1
    return float(count / total)
