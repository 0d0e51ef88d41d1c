# mistake: overwritten instead of added
from collections import Counter


def pair_counts(words):
    counts = {}
    for word, n in words.items():
        inside = Counter(zip(word, word[1:]))
        counts.update({pair: k * n for pair, k in inside.items()})
    return counts
