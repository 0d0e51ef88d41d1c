# mistake: a token lost between windows
def perplexity(logits, ids, context, stride):
    losses = []
    for start in range(0, len(ids) - 1, stride):
        skip = 0 if start == 0 else context - stride + 1
        targets = ids[start + 1 : start + context + 1]
        rows = logits(ids[start : start + len(targets)])
        for j in range(skip, len(targets)):
            losses.append(-np.log(next_probabilities(rows[j], 1.0)[targets[j]]))
    return float(np.exp(np.mean(losses)))
