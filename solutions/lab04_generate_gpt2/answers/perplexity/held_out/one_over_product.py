# mistake: the sum instead of the mean
def perplexity(logits, ids, context, stride):
    product, nxt = 1.0, 1
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        stop = min(start + context, len(ids) - 1)
        while nxt <= stop:
            product *= next_probabilities(rows[nxt - start - 1], 1.0)[ids[nxt]]
            nxt += 1
    return float(1 / product)
