# mistake: the order inside a pair lost
def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for a, b in zip(word, word[1:]):
            if (b, a) in counts:
                counts[(b, a)] += n
            elif (a, b) in counts:
                counts[(a, b)] += n
            else:
                counts[(a, b)] = n
    return counts
