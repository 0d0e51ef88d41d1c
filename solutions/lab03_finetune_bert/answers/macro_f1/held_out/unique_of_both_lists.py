# mistake: classes that occur in no label
def macro_f1(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    values = []
    for c in np.unique(np.concatenate([p, y])):
        tp = np.sum((p == c) & (y == c))
        fp = np.sum((p == c) & (y != c))
        fn = np.sum((p != c) & (y == c))
        values.append(2 * tp / (2 * tp + fp + fn))
    return float(np.mean(values))
