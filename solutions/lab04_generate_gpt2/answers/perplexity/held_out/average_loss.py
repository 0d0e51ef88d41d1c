# mistake: no exponential
def perplexity(logits, ids, context, stride):
    loss = {}
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        for i, row in enumerate(rows, start + 1):
            if i < len(ids) and i not in loss:
                loss[i] = -math.log(next_probabilities(row, 1.0)[ids[i]])
    return sum(loss.values()) / len(loss)
