def encode(word, merges):
    ranks = {pair: i for i, pair in enumerate(merges)}
    symbols = tuple(word)
    while True:
        pairs = [p for p in zip(symbols, symbols[1:]) if p in ranks]
        if not pairs:
            return list(symbols)
        symbols = merge(symbols, min(pairs, key=ranks.get))
