# mistake: in small letters
def encode(word, merges):
    symbols = tuple(letter.casefold() for letter in word)
    while True:
        neighbors = set(zip(symbols, symbols[1:]))
        usable = [pair for pair in merges if pair in neighbors]
        if not usable:
            return list(symbols)
        symbols = merge(symbols, usable[0])
