# mistake: order ignored
from collections import Counter
from itertools import pairwise


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for pair in pairwise(word):
            pairs[tuple(sorted(pair))] += frequency
    return pairs
