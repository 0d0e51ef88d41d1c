# mistake: no early end
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        best = sorted(counts, key=lambda p: (-counts[p], p))[0]
        learned += [best]
        words = {merge(w, best): n for w, n in words.items()}
    return learned
