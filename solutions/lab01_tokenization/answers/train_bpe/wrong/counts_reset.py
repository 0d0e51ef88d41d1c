# mistake: the counts of the words left out
def train_bpe(words, merges):
    words = {word: 1 for word in words}
    learned = []
    while len(learned) < merges:
        counts = pair_counts(words)
        if not counts:
            break
        best = sorted(counts, key=lambda p: (-counts[p], p))[0]
        learned.append(best)
        words = {merge(word, best): 1 for word in words}
    return learned
