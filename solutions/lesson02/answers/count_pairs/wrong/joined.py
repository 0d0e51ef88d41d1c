# mistake: the pairs joined
from collections import Counter
from itertools import pairwise


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for pair in pairwise(word):
            pairs[''.join(pair)] += frequency
    return pairs
