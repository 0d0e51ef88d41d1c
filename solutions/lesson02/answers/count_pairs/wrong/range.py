# mistake: the last pair is missing
from collections import Counter


def count_pairs(words):
    pairs = Counter()
    for word, frequency in words.items():
        for i in range(len(word) - 2):
            pairs[word[i], word[i + 1]] += frequency
    return pairs
