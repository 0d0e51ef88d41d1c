# mistake: the same token counted twice
def perplexity(logits, ids, context, stride):
    losses = []
    start = 0
    while True:
        rows = logits(ids[start : start + context])
        targets = ids[start + 1 : start + context + 1]
        for row, target in zip(rows, targets):
            losses.append(-math.log(next_probabilities(row, 1.0)[target]))
        if start + context + 1 >= len(ids):
            break
        start += stride
    return math.exp(sum(losses) / len(losses))
