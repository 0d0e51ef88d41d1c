# mistake: past the end
def merge(symbols, pair):
    out = []
    i = 0
    while i < len(symbols):
        if (symbols[i], symbols[i + 1]) == pair:
            out.append("".join(pair))
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return tuple(out)
