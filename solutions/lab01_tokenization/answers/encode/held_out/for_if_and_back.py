# mistake: `return` inside the loop
def encode(word, merges):
    symbols = tuple(word)
    for rule in merges:
        if rule in list(zip(symbols, symbols[1:])):
            symbols = merge(symbols, rule)
        return list(symbols)
