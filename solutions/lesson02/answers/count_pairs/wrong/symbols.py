# mistake: single symbols
from collections import Counter
from itertools import pairwise


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for pair in word:
            pairs[pair] += frequency
    return pairs
