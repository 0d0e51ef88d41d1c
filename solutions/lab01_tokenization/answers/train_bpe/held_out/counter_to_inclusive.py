# mistake: one merge too many
def train_bpe(words, merges):
    learned, step = [], 0
    while step <= merges:
        counts = pair_counts(words)
        if not counts:
            break
        best = min(counts, key=lambda p: (-counts[p], p))
        learned.append(best)
        words = {merge(w, best): n for w, n in words.items()}
        step += 1
    return learned
