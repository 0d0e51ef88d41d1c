# mistake: not shifted
def perplexity(logits, ids, context, stride):
    losses, counted = [], 0
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context]
        rows = logits(window)
        for j, token in enumerate(window):
            if start + j >= counted:
                losses.append(-np.log(next_probabilities(rows[j], 1.0)[token]))
        counted = max(counted, start + len(window))
    return np.exp(np.mean(losses))
