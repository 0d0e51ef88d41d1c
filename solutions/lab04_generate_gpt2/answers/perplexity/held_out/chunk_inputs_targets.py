# mistake: windows one token short
def perplexity(logits, ids, context, stride):
    losses, done = [], 0
    for start in range(0, len(ids) - 1, stride):
        chunk = ids[start : start + context]
        inputs, targets = chunk[:-1], chunk[1:]
        rows = logits(inputs)
        for j, target in enumerate(targets):
            place = start + j + 1
            if place > done:
                losses.append(-np.log(next_probabilities(rows[j], 1.0)[target]))
                done = place
    return float(np.exp(np.mean(losses)))
