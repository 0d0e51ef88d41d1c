# mistake: `.items()` forgotten
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        new = {}
        for symbols, n in words:
            new[merge(symbols, best)] = n
        words = new
    return learned
