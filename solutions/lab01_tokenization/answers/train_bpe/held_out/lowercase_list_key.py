# mistake: ties: capitals taken for small letters
def rank(item):
    pair, n = item
    return -n, [s.lower() for s in pair], pair


def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        table = pair_counts(words)
        if not table:
            break
        pair = min(table.items(), key=rank)[0]
        learned.append(pair)
        words = {merge(w, pair): n for w, n in words.items()}
    return learned
