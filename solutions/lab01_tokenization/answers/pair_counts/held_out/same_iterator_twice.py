# mistake: every second pair
from collections import Counter


def pair_counts(words):
    counts = Counter()
    for word, n in words.items():
        it = iter(word)
        for pair in zip(it, it):
            counts[pair] += n
    return counts
