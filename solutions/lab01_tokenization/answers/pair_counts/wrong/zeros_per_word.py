# mistake: pairs with a count of 0
from itertools import product

def pair_counts(words):
    counts = {}
    for word in words:
        for pair in product(word, repeat=2):
            counts.setdefault(pair, 0)
    for word, n in words.items():
        for i in range(1, len(word)):
            counts[word[i - 1], word[i]] += n
    return counts
