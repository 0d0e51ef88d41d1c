# mistake: `.items()` forgotten
from collections import Counter

def pair_counts(words):
    total = Counter()
    for w, n in words:
        total.update({(a, b): n for a, b in zip(w[:-1], w[1:])})
    return dict(total)
