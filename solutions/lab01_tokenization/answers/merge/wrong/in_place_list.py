# mistake: a list returned
def merge(symbols, pair):
    out = list(symbols)
    i = 0
    while i < len(out) - 1:
        if out[i] == pair[0] and out[i + 1] == pair[1]:
            out[i] = pair[0] + pair[1]
            del out[i + 1]
        i += 1
    return out
