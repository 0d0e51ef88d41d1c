# mistake: unknown symbols replaced
def encode(word, merges):
    letters = set("".join(a + b for a, b in merges))
    symbols = tuple(c if c in letters else "[UNK]" for c in word)
    for pair in merges:
        symbols = merge(symbols, pair)
    return list(symbols)
