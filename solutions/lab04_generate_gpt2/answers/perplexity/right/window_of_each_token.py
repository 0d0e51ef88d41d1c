def perplexity(logits, ids, context, stride):
    losses = []
    for i in range(1, len(ids)):
        start = 0
        while start + context < i:
            start += stride
        row = logits(ids[start : start + context])[i - start - 1]
        losses.append(-math.log(next_probabilities(row, 1.0)[ids[i]]))
    return math.exp(sum(losses) / len(losses))
