# mistake: cut into letters
def merge(symbols, pair):
    new = []
    i = 0
    while i < len(symbols):
        if symbols[i : i + 2] == pair:
            new += pair[0] + pair[1]
            i += 2
        else:
            new += symbols[i]
            i += 1
    return tuple(new)
