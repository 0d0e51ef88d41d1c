# mistake: a pair not counted before
def pair_counts(words):
    d = {}
    for w in words:
        i = 0
        while i < len(w) - 1:
            old = d[(w[i], w[i + 1])]
            d[(w[i], w[i + 1])] = old + words[w]
            i += 1
    return d
