# mistake: `return` inside the loop
def merge(symbols, pair):
    merged, at = [], 0
    while at < len(symbols):
        if symbols[at : at + 2] == pair:
            merged.append(pair[0] + pair[1])
            at += 2
        else:
            merged.append(symbols[at])
            at += 1
        return tuple(merged)
