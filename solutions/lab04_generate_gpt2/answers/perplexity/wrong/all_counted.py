# mistake: the same token counted twice
def perplexity(logits, ids, context, stride):
    losses = []
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context + 1]
        rows = logits(window[:-1])
        for row, token in zip(rows, window[1:]):
            losses.append(-np.log(next_probabilities(row, 1.0)[token]))
        if start + context + 1 >= len(ids):
            break
    return np.exp(np.mean(losses))
