import bisect
import sys

def encode(word, merges):
    rank = {pair: i for i, pair in enumerate(merges)}
    symbols = tuple(word)
    while len(symbols) > 1:
        waiting = []
        for p in zip(symbols, symbols[1:]):
            bisect.insort(waiting, (rank.get(p, sys.maxsize), p))
        if waiting[0][0] == sys.maxsize:
            break
        symbols = merge(symbols, waiting[0][1])
    return list(symbols)
