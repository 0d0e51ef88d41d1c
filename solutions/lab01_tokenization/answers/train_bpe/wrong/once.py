# mistake: counted only once
def train_bpe(words, merges):
    counts = pair_counts(words)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [pair for pair, _ in ranked][:merges]
