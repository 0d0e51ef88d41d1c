# mistake: the last pair is missing
from collections import Counter
from itertools import pairwise


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for pair in pairwise(word[:-1]):
            pairs[pair] += frequency
    return pairs
