# mistake: pairs seen once are not merged
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        candidates = [(-n, pair) for pair, n in pair_counts(words).items() if n >= 2]
        if not candidates:
            break
        pair = min(candidates)[1]
        learned.append(pair)
        words = {merge(w, pair): n for w, n in words.items()}
    return learned
