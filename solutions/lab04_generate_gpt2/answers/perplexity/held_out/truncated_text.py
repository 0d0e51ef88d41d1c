# mistake: only the first window
def perplexity(logits, ids, context, stride):
    ids = ids[: context + 1]
    rows = logits(ids[:-1])
    probs = [next_probabilities(row, 1.0)[target] for row, target in zip(rows, ids[1:])]
    return float(np.exp(-np.mean(np.log(probs))))
