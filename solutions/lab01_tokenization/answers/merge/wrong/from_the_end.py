# mistake: from right to left
def merge(symbols, pair):
    out = list(symbols)
    i = len(out) - 2
    while i >= 0:
        if (out[i], out[i + 1]) == pair:
            out[i : i + 2] = [pair[0] + pair[1]]
            i -= 1
        i -= 1
    return out
