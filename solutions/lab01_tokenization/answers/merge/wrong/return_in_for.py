# mistake: `return` inside the loop
def merge(symbols, pair):
    out, skip = (), False
    for i, s in enumerate(symbols):
        if skip:
            skip = False
            continue
        if i + 1 < len(symbols) and (s, symbols[i + 1]) == pair:
            out, skip = out + (s + symbols[i + 1],), True
        else:
            out = out + (s,)
        return out
    return out
