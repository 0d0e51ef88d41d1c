# mistake: unknown symbols dropped
def encode(word, merges):
    letters = set("".join(a + b for a, b in merges))
    symbols = tuple(word)
    for pair in merges:
        symbols = merge(symbols, pair)
    return [s for s in symbols if set(s) <= letters]
