def perplexity(logits, ids, context, stride):
    known = {}
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        for j, row in enumerate(rows):
            if start + j + 1 < len(ids):
                known.setdefault(start + j + 1, -math.log2(next_probabilities(row, 1.0)[ids[start + j + 1]]))
    return 2 ** (sum(known.values()) / len(known))
