# mistake: ties: the pair seen first
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            return learned
        best = sorted(counts, key=lambda p: counts[p], reverse=True)[0]
        learned.append(best)
        words = {merge(w, best): n for w, n in words.items()}
    return learned
