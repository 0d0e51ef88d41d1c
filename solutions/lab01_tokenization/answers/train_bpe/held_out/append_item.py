# mistake: pairs with their counts
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        items = sorted(pair_counts(words).items(), key=lambda it: (-it[1], it[0]))
        if not items:
            break
        learned.append(items[0])
        pair = items[0][0]
        words = {merge(w, pair): n for w, n in words.items()}
    return learned
