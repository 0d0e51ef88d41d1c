def merge(symbols, pair):
    out = []
    skip = False
    for i, symbol in enumerate(symbols):
        if skip:
            skip = False
        elif symbol == pair[0] and i + 1 < len(symbols) and symbols[i + 1] == pair[1]:
            out.append(symbol + symbols[i + 1])
            skip = True
        else:
            out.append(symbol)
    return tuple(out)
