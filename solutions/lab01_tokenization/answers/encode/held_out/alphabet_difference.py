# mistake: the whole word unknown
def encode(word, merges):
    alphabet = set("".join(a + b for a, b in merges))
    if set(word) - alphabet:
        return ["[UNK]"]
    symbols = tuple(word)
    while any(p in merges for p in zip(symbols, symbols[1:])):
        present = set(zip(symbols, symbols[1:]))
        first = next(m for m in merges if m in present)
        symbols = merge(symbols, first)
    return list(symbols)
