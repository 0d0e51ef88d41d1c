# mistake: None at the early end
def grow(words, left, learned):
    if left == 0:
        return learned
    counts = pair_counts(words)
    if counts:
        best = min(counts, key=lambda p: (-counts[p], p))
        rewritten = {merge(w, best): n for w, n in words.items()}
        return grow(rewritten, left - 1, learned + [best])


def train_bpe(words, merges):
    return grow(words, merges, [])
