def encode(word, merges):
    symbols = tuple(word)
    for pair in merges:
        symbols = tuple(merge(symbols, pair))
    return symbols
