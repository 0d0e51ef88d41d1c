# mistake: ties: the last in order
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = sorted(((c, p) for p, c in counts.items()), reverse=True)[0][1]
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
