# mistake: a symbol used twice
def merge(symbols, pair):
    out = []
    previous = None
    for symbol in symbols:
        if previous == pair[0] and symbol == pair[1]:
            out[-1] = previous + symbol
        else:
            out.append(symbol)
        previous = symbol
    return tuple(out)
