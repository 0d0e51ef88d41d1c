# mistake: the stride ignored
def perplexity(logits, ids, context, stride):
    log_p = []
    start = 0
    while start < len(ids) - 1:
        window = ids[start : start + context]
        for offset, row in enumerate(logits(window)):
            i = start + offset + 1
            if i < len(ids):
                log_p.append(np.log(next_probabilities(row, 1.0)[ids[i]]))
        start += len(window)
    return float(np.exp(-np.mean(log_p)))
