# mistake: a string returned
def encode(word, merges):
    symbols = tuple(word)
    while len(symbols) > 1:
        ranks = [merges.index(p) for p in zip(symbols, symbols[1:]) if p in merges]
        if not ranks:
            break
        symbols = merge(symbols, merges[min(ranks)])
    return " ".join(symbols)
