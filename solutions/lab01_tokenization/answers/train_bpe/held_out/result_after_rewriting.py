# mistake: `return` inside the loop
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if counts:
            best = min(counts, key=lambda p: (-counts[p], p))
            learned.append(best)
            rewritten = {}
            for word, n in words.items():
                rewritten[merge(word, best)] = n
            words = rewritten
        return learned
