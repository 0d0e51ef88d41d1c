# mistake: past the end
def merge(symbols, pair):
    out = []
    i = 0
    while i < len(symbols):
        current, following = symbols[i], symbols[i + 1]
        if current == pair[0] and following == pair[1]:
            out.append(current + following)
            i += 2
        else:
            out.append(current)
            i += 1
    return tuple(out)
