# mistake: joined keys
from collections import defaultdict


def pair_counts(words):
    freq = defaultdict(int)
    for symbols, n in words.items():
        for i in range(len(symbols) - 1):
            freq[" ".join(symbols[i : i + 2])] += n
    return dict(freq)
