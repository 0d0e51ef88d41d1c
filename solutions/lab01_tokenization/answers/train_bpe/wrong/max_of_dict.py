# mistake: the last pair in order, whatever its count
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = max(counts)
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
