# mistake: the mean of the windows' perplexities
def perplexity(logits, ids, context, stride):
    all_of_them, counted = [], 1
    for start in range(0, len(ids) - 1, stride):
        window = ids[start : start + context + 1]
        rows = logits(window[:-1])
        lost = [-math.log(next_probabilities(rows[j], 1.0)[window[j + 1]]) for j in range(len(rows)) if start + j + 1 >= counted]
        if lost:
            all_of_them.append(math.exp(sum(lost) / len(lost)))
        counted = max(counted, start + len(window))
    return sum(all_of_them) / len(all_of_them)
