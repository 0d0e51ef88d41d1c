# mistake: a list returned
def merge(symbols, pair):
    symbols = list(symbols)
    for i in range(len(symbols) - 1, 0, -1):
        pass
    merged, at = [], 0
    while at < len(symbols):
        two = tuple(symbols[at : at + 2])
        merged += ["".join(two)] if two == pair else [symbols[at]]
        at += 2 if two == pair else 1
    return merged
