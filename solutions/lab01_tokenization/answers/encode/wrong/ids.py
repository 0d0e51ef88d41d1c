# mistake: numbers instead of symbols
def encode(word, merges):
    table = sorted(set(word)) + ["".join(pair) for pair in merges]
    symbols = tuple(word)
    for pair in merges:
        symbols = merge(symbols, pair)
    return [table.index(symbol) for symbol in symbols]
