# mistake: the stride ignored
def perplexity(logits, ids, context, stride):
    losses = []
    for start in range(0, len(ids) - 1, context):
        window = ids[start : start + context + 1]
        for row, token in zip(logits(window[:-1]), window[1:]):
            losses.append(-np.log(next_probabilities(row, 1.0)[token]))
    return np.exp(np.mean(losses))
