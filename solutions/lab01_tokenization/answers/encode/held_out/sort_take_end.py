# mistake: the last merge first
def encode(word, merges):
    symbols = tuple(word)
    while True:
        places = sorted(merges.index(p) for p in zip(symbols, symbols[1:]) if p in merges)
        if len(places) == 0:
            break
        symbols = merge(symbols, merges[places[-1]])
    return list(symbols)
