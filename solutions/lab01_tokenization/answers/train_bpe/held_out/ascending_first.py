# mistake: the rarest pair
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        table = sorted(pair_counts(words).items(), key=lambda kv: (kv[1], kv[0]))
        if not table:
            return learned
        pair, _ = table[0]
        learned.append(pair)
        words = {merge(w, pair): n for w, n in words.items()}
    return learned
