# mistake: it ends at the first merge that does not occur
def encode(word, merges):
    symbols = tuple(word)
    for pair in merges:
        new = merge(symbols, pair)
        if new == symbols:
            break
        symbols = new
    return list(symbols)
