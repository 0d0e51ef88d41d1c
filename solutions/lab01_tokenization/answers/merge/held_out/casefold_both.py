# mistake: capitals taken for small letters
def merge(symbols, pair):
    a, b = (p.casefold() for p in pair)
    out, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and symbols[i].casefold() == a and symbols[i + 1].casefold() == b:
            out.append(symbols[i] + symbols[i + 1])
            i += 2
            continue
        out.append(symbols[i])
        i += 1
    return tuple(out)
