# mistake: the same token counted by every window
def perplexity(logits, ids, context, stride):
    nll, n = 0.0, 0
    for s in range(0, len(ids) - 1, stride):
        w = ids[s : s + context]
        rows = logits(w)
        for j in range(len(w)):
            if s + j + 1 < len(ids):
                nll -= math.log(next_probabilities(rows[j], 1.0)[ids[s + j + 1]])
                n += 1
    return math.exp(nll / n)
