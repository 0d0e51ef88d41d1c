# mistake: `return` inside the loop
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        counts = pair_counts(words)
        if counts:
            best = sorted(counts, key=lambda p: (-counts[p], p))[0]
            learned = learned + [best]
            words = {merge(word, best): n for word, n in words.items()}
        return learned
