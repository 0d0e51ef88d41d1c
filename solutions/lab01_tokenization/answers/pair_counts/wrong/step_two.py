# mistake: every second pair
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for i in range(0, len(word) - 1, 2):
            pair = tuple(word[i : i + 2])
            counts[pair] = counts.get(pair, 0) + n
    return counts
