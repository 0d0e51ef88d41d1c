# mistake: `merge` does not get a tuple
def encode(word, merges):
    symbols, rank = list(word), {pair: i for i, pair in enumerate(merges)}
    while True:
        known = [p for p in zip(symbols, symbols[1:]) if p in rank]
        if not known:
            return symbols
        symbols = list(merge(symbols, min(known, key=rank.get)))
