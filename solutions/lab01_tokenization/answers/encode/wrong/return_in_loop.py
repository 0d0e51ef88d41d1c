# mistake: `return` inside the loop
def encode(word, merges):
    symbols = tuple(word)
    for pair in merges:
        symbols = merge(symbols, pair)
        return list(symbols)
    return list(symbols)
