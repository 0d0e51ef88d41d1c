# mistake: the last symbol alone
def pair_counts(words):
    counts = {}
    for word in words:
        for i in range(len(word)):
            pair = word[i : i + 2]
            counts[pair] = counts.get(pair, 0) + words[word]
    return counts
