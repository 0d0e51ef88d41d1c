# mistake: unknown symbols replaced
def encode(word, merges):
    known = {letter for a, b in merges for letter in a + b}
    symbols = tuple(c if c in known else "<unk>" for c in word)
    pairs = [p for p in zip(symbols, symbols[1:]) if p in merges]
    while pairs:
        symbols = merge(symbols, min(pairs, key=merges.index))
        pairs = [p for p in zip(symbols, symbols[1:]) if p in merges]
    return list(symbols)
