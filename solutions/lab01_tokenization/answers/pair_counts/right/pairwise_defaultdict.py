from collections import defaultdict
from itertools import pairwise

def pair_counts(words):
    counts = defaultdict(int)
    for word, n in words.items():
        for left, right in pairwise(word):
            counts[(left, right)] += n
    return counts
