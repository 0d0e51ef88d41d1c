# mistake: each pair once per word
def pair_counts(words):
    counts = {}
    for word, count in words.items():
        for pair in set(zip(word, word[1:])):
            counts[pair] = counts.get(pair, 0) + count
    return counts
