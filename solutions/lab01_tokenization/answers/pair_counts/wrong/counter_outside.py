# mistake: it remembers earlier calls
from collections import Counter

counts = Counter()

def pair_counts(words):
    for word, n in words.items():
        for a, b in zip(word, word[1:]):
            counts[a, b] += n
    return counts
