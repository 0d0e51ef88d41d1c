# mistake: it ends at the first merge that does not occur
def encode(word, merges):
    symbols = tuple(word)
    for pair in merges:
        after = merge(symbols, pair)
        if after == symbols:
            return list(symbols)
        symbols = after
    return list(symbols)
