# mistake: the counts of the words left out
from collections import Counter


def pair_counts(words):
    return dict(Counter(pair for word in words for pair in zip(word[:-1], word[1:])))
