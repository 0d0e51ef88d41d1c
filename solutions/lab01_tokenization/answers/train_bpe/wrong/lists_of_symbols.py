# mistake: pairs as lists
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        ranked = sorted([-n, left, right] for (left, right), n in pair_counts(words).items())
        if not ranked:
            break
        best = ranked[0][1:]
        learned.append(best)
        words = {merge(word, tuple(best)): n for word, n in words.items()}
    return learned
