# mistake: the last pair in order, whatever its count
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if len(counts) < 1:
            break
        best, n = max(counts.items())
        learned.append(best)
        words = {merge(w, best): k for w, k in words.items()}
    return learned
