# mistake: a string returned
def encode(word, merges):
    symbols = tuple(word)
    for pair in merges:
        symbols = merge(symbols, pair)
    return " ".join(symbols)
