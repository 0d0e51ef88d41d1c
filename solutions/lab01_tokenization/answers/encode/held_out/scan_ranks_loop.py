# mistake: a pair that is no merge
def encode(word, merges):
    rank = dict(zip(merges, range(len(merges))))
    symbols = tuple(word)
    while len(symbols) > 1:
        best, lowest = None, len(merges)
        for pair in zip(symbols, symbols[1:]):
            r = rank[pair]
            if r < lowest:
                best, lowest = pair, r
        if best is None:
            break
        symbols = merge(symbols, best)
    return list(symbols)
