# mistake: numbers instead of symbols
def encode(word, merges):
    symbols = tuple(word)
    while known := [p for p in zip(symbols, symbols[1:]) if p in merges]:
        symbols = merge(symbols, min(known, key=merges.index))
    vocab = sorted({c for a, b in merges for c in a + b} | set(word))
    vocab += [a + b for a, b in merges]
    return [vocab.index(s) for s in symbols]
