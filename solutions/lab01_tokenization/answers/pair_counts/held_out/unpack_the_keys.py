# mistake: `.items()` forgotten
from collections import Counter


def pair_counts(words):
    total = Counter()
    for symbols, n in words:
        for i in range(len(symbols) - 1):
            total[symbols[i], symbols[i + 1]] += n
    return total
