# mistake: ties: joined texts compared
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = sorted(counts, key=lambda p: (-counts[p], p[0] + p[1]))[0]
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
