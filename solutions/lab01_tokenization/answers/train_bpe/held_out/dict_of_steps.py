# mistake: pairs with their ranks
def train_bpe(words, merges):
    ranks = {}
    for step in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        ranks[best] = step
        words = {merge(w, best): n for w, n in words.items()}
    return ranks
