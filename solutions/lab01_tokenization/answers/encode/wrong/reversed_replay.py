# mistake: the last merge first
def encode(word, merges):
    symbols = tuple(word)
    for pair in reversed(merges):
        symbols = merge(symbols, pair)
    return symbols
