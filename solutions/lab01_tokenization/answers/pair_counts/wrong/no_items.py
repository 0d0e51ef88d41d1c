# mistake: `.items()` forgotten
def pair_counts(words):
    counts = {}
    for word, count in words:
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + count
    return counts
