from collections import namedtuple

Pair = namedtuple("Pair", "left right")

def merge(symbols, pair):
    wanted, merged, at = Pair(*pair), [], 0
    while at < len(symbols):
        if at + 1 < len(symbols) and Pair(symbols[at], symbols[at + 1]) == wanted:
            merged.append(wanted.left + wanted.right)
            at += 2
        else:
            merged.append(symbols[at])
            at += 1
    return tuple(merged)
