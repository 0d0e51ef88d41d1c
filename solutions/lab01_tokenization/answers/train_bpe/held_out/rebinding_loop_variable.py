# mistake: the words not rewritten
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        most = max(counts.values())
        best = min(pair for pair in counts if counts[pair] == most)
        learned.append(best)
        for word in words:
            word = merge(word, best)
    return learned
