# mistake: past the end
def merge(symbols, pair):
    left, right = pair
    out = []
    i = 0
    while i < len(symbols):
        if symbols[i] == left and symbols[i + 1] == right:
            out.append(left + right)
            i = i + 2
        else:
            out.append(symbols[i])
            i = i + 1
    return out
