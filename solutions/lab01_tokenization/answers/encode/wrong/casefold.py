# mistake: in small letters
def encode(word, merges):
    symbols = [letter.casefold() for letter in word]
    for pair in merges:
        symbols = list(merge(tuple(symbols), pair))
    return symbols
