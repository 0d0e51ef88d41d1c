# mistake: the first pair in order, whatever its count
def train_bpe(words, merges):
    rules = []
    for _ in range(merges):
        ordered = sorted(pair_counts(words).items())
        if ordered == []:
            break
        best = ordered[0][0]
        rules.append(best)
        words = {merge(w, best): words[w] for w in words}
    return rules
