# mistake: the first token counted as predicted
def perplexity(logits, ids, context, stride):
    total, known = 0.0, set()
    for start in range(0, len(ids) - 1, stride):
        rows = logits(ids[start : start + context])
        for j, row in enumerate(rows):
            i = start + j + 1
            if i in known or i == len(ids):
                continue
            known.add(i)
            total += np.log(next_probabilities(row, 1.0)[ids[i]])
    return float(np.exp(-total / len(ids)))
