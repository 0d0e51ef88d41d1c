# mistake: two logarithms mixed
def perplexity(logits, ids, context, stride):
    total, counted = 0.0, 0
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        while counted < start + len(rows) and counted + 1 < len(ids):
            q = next_probabilities(rows[counted - start], 1.0)
            total += -math.log(q[ids[counted + 1]])
            counted += 1
    return math.pow(2, total / counted)
