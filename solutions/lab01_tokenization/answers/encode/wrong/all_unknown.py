# mistake: the whole word unknown
def encode(word, merges):
    letters = {c for pair in merges for token in pair for c in token}
    for c in word:
        if c not in letters:
            return ["[UNK]"]
    symbols = tuple(word)
    for pair in merges:
        symbols = merge(symbols, pair)
    return list(symbols)
