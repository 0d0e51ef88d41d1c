# mistake: ties: the pair seen last
def train_bpe(words, merges):
    learned = []
    for _ in range(merges):
        best, most = None, 0
        for pair, count in pair_counts(words).items():
            if count >= most:
                best, most = pair, count
        if best is None:
            break
        learned.append(best)
        words = {merge(word, best): n for word, n in words.items()}
    return learned
