# mistake: ties: the pair seen first
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = max(counts, key=counts.get)
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
