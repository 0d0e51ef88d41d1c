# mistake: it ends at the first merge that does not occur
def encode(word, merges):
    symbols = tuple(word)
    for pair in merges:
        if pair in list(zip(symbols, symbols[1:])):
            symbols = merge(symbols, pair)
        else:
            return list(symbols)
    return list(symbols)
