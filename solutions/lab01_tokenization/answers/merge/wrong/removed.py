# mistake: the pair removed
def merge(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            i += 2
            continue
        out.append(symbols[i])
        i += 1
    return out
