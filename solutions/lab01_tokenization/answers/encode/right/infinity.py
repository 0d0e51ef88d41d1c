import math

def encode(word, merges):
    rank = {tuple(pair): i for i, pair in enumerate(merges)}
    symbols = list(word)
    while len(symbols) > 1:
        ranks = [rank.get((a, b), math.inf) for a, b in zip(symbols, symbols[1:])]
        if min(ranks) == math.inf:
            break
        at = ranks.index(min(ranks))
        symbols = symbols[:at] + [symbols[at] + symbols[at + 1]] + symbols[at + 2:]
    return symbols
