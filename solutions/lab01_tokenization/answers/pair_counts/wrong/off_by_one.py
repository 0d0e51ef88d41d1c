# mistake: the last pair left out
from collections import Counter

def pair_counts(words):
    counts = Counter()
    for word, count in words.items():
        for i in range(len(word) - 2):
            counts[word[i], word[i + 1]] += count
    return counts
