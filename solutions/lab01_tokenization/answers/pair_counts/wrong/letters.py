# mistake: symbols instead of pairs
from collections import Counter

def pair_counts(words):
    counts = Counter()
    for word, n in words.items():
        for symbol in word:
            counts[symbol] += n
    return counts
