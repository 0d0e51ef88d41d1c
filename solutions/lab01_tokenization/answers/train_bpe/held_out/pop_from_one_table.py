# mistake: counted only once
def train_bpe(words, merges):
    counts = dict(pair_counts(words))
    learned = []
    while counts and len(learned) < merges:
        best = min(counts, key=lambda p: (-counts[p], p))
        counts.pop(best)
        learned.append(best)
        words = {merge(w, best): n for w, n in words.items()}
    return learned
