def perplexity(logits, ids, context, stride):
    product, counted = 1.0, 1
    for start in range(0, len(ids) - 1, stride):
        end = min(start + context + 1, len(ids))
        rows = logits(ids[start : end - 1])
        for i in range(counted, end):
            product *= next_probabilities(rows[i - 1 - start], 1.0)[ids[i]]
        counted = end
        if end == len(ids):
            break
    return product ** (-1 / (len(ids) - 1))
