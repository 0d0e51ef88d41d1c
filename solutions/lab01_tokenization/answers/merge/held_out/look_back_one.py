# mistake: a symbol used twice
def merge(symbols, pair):
    out = list(symbols[:1])
    for i in range(1, len(symbols)):
        if (symbols[i - 1], symbols[i]) == pair:
            out[-1] = "".join(pair)
        else:
            out.append(symbols[i])
    return tuple(out)
