# mistake: the factor 2 forgotten
from collections import Counter


def macro_f1(predictions, labels):
    called, labeled = Counter(predictions), Counter(labels)
    right = Counter(y for p, y in zip(predictions, labels) if p == y)
    return sum(right[c] / (called[c] + labeled[c]) for c in labeled) / len(labeled)
