# mistake: only the first place
def merge(symbols, pair):
    places = [i for i in range(len(symbols) - 1) if symbols[i : i + 2] == pair]
    if not places:
        return symbols
    i = places[0]
    return symbols[:i] + (pair[0] + pair[1],) + symbols[i + 2 :]
