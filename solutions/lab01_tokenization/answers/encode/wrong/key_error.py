# mistake: a pair that is no merge
def encode(word, merges):
    rank = dict(zip(merges, range(len(merges))))
    symbols = tuple(word)
    while len(symbols) > 1:
        best = min(zip(symbols, symbols[1:]), key=lambda p: rank[p])
        symbols = merge(symbols, best)
    return symbols
