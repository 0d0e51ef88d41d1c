# mistake: from right to left
def merge(symbols, pair):
    out = list(symbols)
    i = len(out) - 2
    while i >= 0:
        if i + 1 < len(out) and (out[i], out[i + 1]) == pair:
            out[i : i + 2] = ["".join(pair)]
        i -= 1
    return tuple(out)
