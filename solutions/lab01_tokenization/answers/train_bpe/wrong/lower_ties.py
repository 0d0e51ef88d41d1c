# mistake: ties: capitals taken for small letters
def train_bpe(words, merges):
    learned = []
    while len(learned) < merges:
        counts = pair_counts(words)
        if not counts:
            break
        most = max(counts.values())
        best = sorted((p for p in counts if counts[p] == most), key=lambda p: [s.lower() for s in p])[0]
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
