# mistake: this is accuracy
def macro_f1(predictions, labels):
    tp = fp = fn = 0
    for c in set(labels) | set(predictions):
        for p, y in zip(predictions, labels):
            tp += p == c and y == c
            fp += p == c and y != c
            fn += p != c and y == c
    return 2 * tp / (2 * tp + fp + fn)
