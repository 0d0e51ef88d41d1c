# mistake: unknown symbols dropped
def encode(word, merges):
    order = {p: i for i, p in enumerate(merges)}
    symbols = tuple(word)
    while True:
        found = [p for p in zip(symbols, symbols[1:]) if p in order]
        if not found:
            break
        symbols = merge(symbols, min(found, key=order.get))
    return [s for s in symbols if len(s) > 1 or any(s in p for p in merges)]
