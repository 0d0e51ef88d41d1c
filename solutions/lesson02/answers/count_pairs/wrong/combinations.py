# mistake: all pairs, not only neighbors
from collections import Counter
from itertools import combinations


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for pair in combinations(word, 2):
            pairs[pair] += frequency
    return pairs
