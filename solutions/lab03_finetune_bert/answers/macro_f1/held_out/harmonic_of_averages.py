# mistake: F1 of the means
def macro_f1(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    precisions, recalls = [], []
    for c in np.unique(y):
        right = ((p == c) & (y == c)).sum()
        precisions.append(right / max((p == c).sum(), 1))
        recalls.append(right / (y == c).sum())
    a, b = np.mean(precisions), np.mean(recalls)
    return float(2 * a * b / (a + b)) if a + b > 0 else 0.0
