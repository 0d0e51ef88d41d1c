# mistake: the new symbols returned
def train_bpe(words, merges):
    vocab = []
    for _ in range(merges):
        counts = pair_counts(words)
        if not counts:
            break
        left, right = min(counts, key=lambda p: (-counts[p], p))
        vocab.append(left + right)
        words = {merge(w, (left, right)): n for w, n in words.items()}
    return vocab
