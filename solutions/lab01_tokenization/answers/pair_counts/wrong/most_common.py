# mistake: a sorted list
from collections import Counter

def pair_counts(words):
    counts = Counter()
    for word, n in words.items():
        for pair in zip(word[:-1], word[1:]):
            counts[pair] += n
    return counts.most_common()
