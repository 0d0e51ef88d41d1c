# mistake: not encoded at all
def encode(word, merges):
    symbols = list(word)
    while True:
        hits = [i for i in range(len(symbols) - 1) if symbols[i] + symbols[i + 1] in merges]
        if not hits:
            return symbols
        i = min(hits, key=lambda k: merges.index(symbols[k] + symbols[k + 1]))
        symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
