# mistake: joined keys
from collections import defaultdict

def pair_counts(words):
    counts = defaultdict(int)
    for word, n in words.items():
        for i in range(len(word) - 1):
            counts[word[i] + word[i + 1]] += n
    return dict(counts)
