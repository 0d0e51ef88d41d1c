# mistake: the last pair not merged
def merge(symbols, pair):
    out, i = [], 0
    while i < len(symbols) - 2:
        if (symbols[i], symbols[i + 1]) == pair:
            out.append("".join(pair))
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    out.extend(symbols[i:])
    return tuple(out)
