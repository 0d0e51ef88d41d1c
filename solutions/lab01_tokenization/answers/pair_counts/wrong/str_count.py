# mistake: overlaps skipped
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        i = 0
        while i + 1 < len(word):
            pair = word[i], word[i + 1]
            counts[pair] = counts.get(pair, 0) + n
            # do not count a symbol twice in one run
            if word[i] == word[i + 1] and i + 2 < len(word) and word[i + 2] == word[i]:
                i += 1
            i += 1
    return counts
