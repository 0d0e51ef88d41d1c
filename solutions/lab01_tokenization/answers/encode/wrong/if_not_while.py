# mistake: only one merge
def encode(word, merges):
    symbols = tuple(word)
    pairs = [p for p in merges if p in zip(symbols, symbols[1:])]
    if pairs:
        symbols = merge(symbols, pairs[0])
    return symbols
