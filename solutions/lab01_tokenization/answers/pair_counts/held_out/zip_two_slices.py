# mistake: the last pair left out
from collections import defaultdict


def pair_counts(words):
    table = defaultdict(int)
    for w, n in words.items():
        for left, right in zip(w[:-2], w[1:-1]):
            table[left, right] += n
    return dict(table)
