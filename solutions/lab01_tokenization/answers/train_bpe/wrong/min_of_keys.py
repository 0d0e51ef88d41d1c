# mistake: the first pair in order, whatever its count
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            return learned
        best = min(counts)
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
