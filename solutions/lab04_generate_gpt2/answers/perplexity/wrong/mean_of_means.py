# mistake: the mean of the windows' means
def perplexity(logits, ids, context, stride):
    means, counted = [], 1
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context + 1]
        rows = logits(window[:-1])
        lost = [-math.log(next_probabilities(rows[j], 1.0)[window[j + 1]]) for j in range(len(rows)) if start + j + 1 >= counted]
        if lost:
            means.append(sum(lost) / len(lost))
        counted = max(counted, start + len(window))
    return math.exp(sum(means) / len(means))
