def encode(word, merges):
    symbols = list(word)
    while True:
        best = None
        for i in range(len(symbols) - 1):
            pair = symbols[i], symbols[i + 1]
            if pair in merges and (best is None or merges.index(pair) < best[0]):
                best = merges.index(pair), i
        if best is None:
            return symbols
        i = best[1]
        symbols[i : i + 2] = [symbols[i] + symbols[i + 1]]
