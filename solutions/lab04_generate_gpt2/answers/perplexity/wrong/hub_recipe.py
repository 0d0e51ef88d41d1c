# mistake: windows one token short
def perplexity(logits, ids, context, stride):
    losses, previous = [], 0
    for start in range(0, len(ids), stride):
        end = min(start + context, len(ids))
        window = ids[start:end]
        rows = logits(window[:-1]) if len(window) > 1 else []
        targets = window[1:]
        fresh = end - max(previous, start + 1)
        for row, token in list(zip(rows, targets))[max(0, len(targets) - fresh) :]:
            losses.append(-np.log(next_probabilities(row, 1.0)[token]))
        previous = end
        if end == len(ids):
            break
    return np.exp(np.mean(losses))
