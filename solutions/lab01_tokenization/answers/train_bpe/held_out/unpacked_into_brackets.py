# mistake: pairs as lists
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        scored = [(-n, a, b) for (a, b), n in pair_counts(words).items()]
        if not scored:
            break
        n, left, right = min(scored)
        learned.append([left, right])
        words = {merge(w, (left, right)): k for w, k in words.items()}
    return learned
