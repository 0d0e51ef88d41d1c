# mistake: a pair not counted before
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for i in range(len(word) - 1):
            counts[word[i], word[i + 1]] += n
    return counts
