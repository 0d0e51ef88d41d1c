# mistake: all pairs, not only neighbors
from itertools import combinations

def pair_counts(words):
    counts = {}
    for word, n in words.items():
        for pair in combinations(word, 2):
            counts[pair] = counts.get(pair, 0) + n
    return counts
