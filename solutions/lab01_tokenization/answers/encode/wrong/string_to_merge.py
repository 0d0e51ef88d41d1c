# mistake: `merge` does not get a tuple
def encode(word, merges):
    symbols = word
    for pair in merges:
        symbols = merge(symbols, pair)
    return list(symbols)
