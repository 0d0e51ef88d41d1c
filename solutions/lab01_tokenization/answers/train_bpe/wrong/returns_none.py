# mistake: None at the early end
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            return
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
