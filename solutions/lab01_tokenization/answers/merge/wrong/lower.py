# mistake: capitals taken for small letters
def merge(symbols, pair):
    merged, at = [], 0
    while at < len(symbols):
        two = symbols[at : at + 2]
        if len(two) == 2 and (two[0].lower(), two[1].lower()) == pair:
            merged.append(two[0] + two[1])
            at += 2
        else:
            merged.append(symbols[at])
            at += 1
    return tuple(merged)
