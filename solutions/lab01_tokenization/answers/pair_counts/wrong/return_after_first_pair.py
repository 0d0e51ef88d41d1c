# mistake: `return` inside the loop
from collections import defaultdict

def pair_counts(words):
    counts = defaultdict(int)
    for word, count in words.items():
        for i in range(len(word) - 1):
            counts[word[i], word[i + 1]] += count
            return counts
