# mistake: each pair once per word
from collections import Counter


def pair_counts(words):
    total = Counter()
    for word, n in words.items():
        total.update({(word[i], word[i + 1]): n for i in range(len(word) - 1)})
    return dict(total)
