# mistake: multiplied instead of added
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for i in range(1, len(word)):
            pair = (word[i - 1], word[i])
            if pair in counts:
                counts[pair] *= n
            else:
                counts[pair] = n
    return counts
