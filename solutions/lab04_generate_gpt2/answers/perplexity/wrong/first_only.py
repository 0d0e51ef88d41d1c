# mistake: only the first window
def perplexity(logits, ids, context, stride):
    window = ids[: context + 1]
    rows = logits(window[:-1])
    losses = [-np.log(next_probabilities(r, 1.0)[t]) for r, t in zip(rows, window[1:])]
    return np.exp(np.mean(losses))
