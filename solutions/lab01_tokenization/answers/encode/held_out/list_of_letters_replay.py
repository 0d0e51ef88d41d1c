# mistake: `merge` does not get a tuple
def encode(word, merges):
    rank = {p: i for i, p in enumerate(merges)}
    symbols = [c for c in word]
    for _ in range(len(word)):
        known = [p for p in zip(symbols, symbols[1:]) if p in rank]
        if not known:
            break
        symbols = list(merge(symbols, min(known, key=rank.get)))
    return symbols
