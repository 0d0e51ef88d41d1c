# mistake: ties: the pair seen last
def train_bpe(words, merges):
    pairs = []
    current = dict(words)
    while len(pairs) < merges:
        counts = pair_counts(current)
        if len(counts) == 0:
            break
        ranking = sorted(counts.items(), key=lambda item: item[1])
        top = ranking[-1][0]
        pairs.append(top)
        current = {merge(w, top): current[w] for w in current}
    return pairs
