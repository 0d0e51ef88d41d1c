# mistake: classes taken from the predictions
from collections import Counter


def macro_f1(predictions, labels):
    called = Counter(predictions)
    f1 = {}
    for c, n in called.items():
        right = sum(p == c and y == c for p, y in zip(predictions, labels))
        precision = right / n
        recall = right / labels.count(c) if c in labels else 0
        f1[c] = 2 * precision * recall / (precision + recall) if right else 0.0
    return sum(f1.values()) / len(f1)
