# mistake: overwritten instead of added
def pair_counts(words):
    counts = {}
    for word, count in words.items():
        for i in range(1, len(word)):
            counts[word[i - 1], word[i]] = count
    return counts
