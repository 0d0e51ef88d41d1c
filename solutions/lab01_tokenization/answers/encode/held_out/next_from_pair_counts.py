# mistake: by position, not by rank
def encode(word, merges):
    symbols = tuple(word)
    allowed = set(merges)
    while True:
        pair = next((p for p in pair_counts({symbols: 1}) if p in allowed), None)
        if pair is None:
            return list(symbols)
        symbols = merge(symbols, pair)
