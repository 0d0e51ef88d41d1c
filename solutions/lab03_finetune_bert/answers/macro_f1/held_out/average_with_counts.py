# mistake: weighted by frequency
def macro_f1(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    classes, counts = np.unique(y, return_counts=True)
    scores = [2 * np.sum((p == c) & (y == c)) / (np.sum(p == c) + np.sum(y == c)) for c in classes]
    return float(np.average(scores, weights=counts))
