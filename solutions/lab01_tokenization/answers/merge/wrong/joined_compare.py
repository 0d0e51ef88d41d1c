# mistake: joined texts compared
def merge(symbols, pair):
    new = "".join(pair)
    out, i = [], 0
    while i < len(symbols):
        if i + 1 < len(symbols) and symbols[i] + symbols[i + 1] == new:
            out.append(new)
            i += 2
        else:
            out.append(symbols[i])
            i += 1
    return out
