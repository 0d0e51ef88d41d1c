# mistake: one merge too few
def train_bpe(words, merges):
    learned = []
    for number in range(1, merges):
        counts = pair_counts(words)
        if not counts:
            break
        top = max(counts.values())
        best = sorted(p for p, n in counts.items() if n == top)[0]
        learned.append(best)
        words = {merge(w, best): n for w, n in words.items()}
    return learned
