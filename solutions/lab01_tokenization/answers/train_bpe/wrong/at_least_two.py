# mistake: pairs seen once are not merged
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        counts = pair_counts(words)
        frequent = {p: c for p, c in counts.items() if c > 1}
        if not frequent:
            break
        best = min(frequent, key=lambda p: (-frequent[p], p))
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
