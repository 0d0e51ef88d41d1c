# mistake: the mean of the windows' perplexities
def window_losses(logits, ids, start, first, last):
    rows = logits(ids[start:last])
    return [-np.log(next_probabilities(rows[i - start - 1], 1.0)[ids[i]]) for i in range(first, last + 1)]


def perplexity(logits, ids, context, stride):
    values, first = [], 1
    for start in range(0, len(ids) - 1, stride):
        last = min(start + context, len(ids) - 1)
        if last < first:
            break
        values.append(np.exp(np.mean(window_losses(logits, ids, start, first, last))))
        first = last + 1
    return float(np.mean(values))
