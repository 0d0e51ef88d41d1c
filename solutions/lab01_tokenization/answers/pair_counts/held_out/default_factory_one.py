# mistake: the count starts at 1
from collections import defaultdict
from itertools import pairwise


def pair_counts(words):
    counts = defaultdict(lambda: 1)
    for word, n in words.items():
        for pair in pairwise(word):
            counts[pair] += n
    return dict(counts)
