# mistake: the second half stays
def merge(symbols, pair):
    left, right = pair
    s = list(symbols)
    for i in range(len(symbols) - 1):
        if symbols[i] == left and symbols[i + 1] == right:
            s[i] = left + right
    return tuple(s)
