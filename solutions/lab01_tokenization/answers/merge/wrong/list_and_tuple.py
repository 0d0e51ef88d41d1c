# mistake: nothing merged
def merge(symbols, pair):
    symbols = list(symbols)
    i = 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            symbols[i : i + 2] = ["".join(pair)]
        i += 1
    return tuple(symbols)
