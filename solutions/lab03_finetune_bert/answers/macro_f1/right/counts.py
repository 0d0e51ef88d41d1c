from collections import Counter


def macro_f1(predictions, labels):
    right = Counter(y for p, y in zip(predictions, labels) if p == y)
    called, actual = Counter(predictions), Counter(labels)
    return sum(2 * right[c] / (called[c] + actual[c]) for c in actual) / len(actual)
