# mistake: a pair counts once per word
from collections import Counter
from itertools import pairwise


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for pair in set(pairwise(word)):
            pairs[pair] += frequency
    return pairs
