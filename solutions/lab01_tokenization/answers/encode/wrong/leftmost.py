# mistake: by position, not by rank
def encode(word, merges):
    symbols = list(word)
    changed = True
    while changed:
        changed = False
        for i in range(len(symbols) - 1):
            if (symbols[i], symbols[i + 1]) in merges:
                symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
                changed = True
                break
    return symbols
