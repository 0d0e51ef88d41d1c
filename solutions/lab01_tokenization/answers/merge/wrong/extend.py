# mistake: cut into letters
def merge(symbols, pair):
    out, i = [], 0
    while i < len(symbols):
        if tuple(symbols[i : i + 2]) == pair:
            out += pair[0] + pair[1]
            i += 2
        else:
            out += symbols[i]
            i += 1
    return out
