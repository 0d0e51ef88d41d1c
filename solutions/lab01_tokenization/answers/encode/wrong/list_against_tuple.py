# mistake: not encoded at all
def encode(word, merges):
    symbols = list(word)
    i = 0
    while i < len(symbols) - 1:
        if symbols[i : i + 2] in merges:
            symbols[i : i + 2] = ["".join(symbols[i : i + 2])]
            i = 0
        else:
            i += 1
    return symbols
