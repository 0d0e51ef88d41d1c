# mistake: not shifted
def perplexity(logits, ids, context, stride):
    losses, seen = [], 0
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context]
        rows = logits(window)
        for j, token in enumerate(window):
            if start + j >= seen:
                losses.append(-np.log(next_probabilities(rows[j], 1.0)[token]))
                seen += 1
    return float(np.exp(sum(losses) / len(losses)))
