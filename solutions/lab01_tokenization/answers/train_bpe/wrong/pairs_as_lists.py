# mistake: pairs as lists
def train_bpe(words, merges):
    counts = pair_counts(words)
    if merges == 0 or not counts:
        return []
    best = sorted((-n, left, right) for (left, right), n in counts.items())[0][1:]
    rest = {}
    for word in words:
        rest[tuple(merge(word, best))] = words[word]
    return [list(best)] + train_bpe(rest, merges - 1)
