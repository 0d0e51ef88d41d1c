# mistake: in small letters
def encode(word, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    symbols = tuple(word.lower())
    while known := [p for p in zip(symbols, symbols[1:]) if p in rank]:
        symbols = merge(symbols, min(known, key=rank.get))
    return list(symbols)
