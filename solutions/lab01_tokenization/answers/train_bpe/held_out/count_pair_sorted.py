# mistake: ties: the last in order
def train_bpe(words, merges):
    learned = []
    for step in range(merges):
        ranked = sorted((n, pair) for pair, n in pair_counts(words).items())
        if not ranked:
            break
        n, pair = ranked.pop()
        learned.append(pair)
        words = {merge(word, pair): c for word, c in words.items()}
    return learned
