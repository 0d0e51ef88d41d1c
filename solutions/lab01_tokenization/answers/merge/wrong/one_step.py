# mistake: the second half stays
def merge(symbols, pair):
    out = []
    for i in range(len(symbols)):
        if tuple(symbols[i : i + 2]) == pair:
            out.append(symbols[i] + symbols[i + 1])
        else:
            out.append(symbols[i])
    return out
