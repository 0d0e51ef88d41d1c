# mistake: the last pair not merged
def merge(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        if i + 2 < len(symbols) and (symbols[i], symbols[i + 1]) == pair:
            out.append(pair[0] + pair[1])
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return tuple(out)
