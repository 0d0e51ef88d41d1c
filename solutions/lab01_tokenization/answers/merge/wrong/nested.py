# mistake: the pair put in unjoined
def merge(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            out.append(pair)
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out
