# mistake: the order inside a pair lost
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for a, b in zip(word, word[1:]):
            if b < a:
                a, b = b, a
            counts[a, b] = counts.get((a, b), 0) + n
    return counts
