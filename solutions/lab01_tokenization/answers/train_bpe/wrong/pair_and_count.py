# mistake: pairs with their counts
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        counts = pair_counts(words)
        if not counts:
            break
        best, count = min(counts.items(), key=lambda item: (-item[1], item[0]))
        learned.append((best, count))
        words = {merge(word, best): n for word, n in words.items()}
    return learned
