# mistake: a sorted list
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + n
    return sorted(counts.items(), key=lambda item: item[1], reverse=True)
