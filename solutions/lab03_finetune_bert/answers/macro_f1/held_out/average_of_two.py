# mistake: the plain mean of precision and recall
def macro_f1(predictions, labels):
    def score(c):
        right = sum(1 for p, y in zip(predictions, labels) if p == y == c)
        called = predictions.count(c)
        precision = right / called if called else 0.0
        recall = right / labels.count(c)
        return np.mean([precision, recall])

    return float(np.mean([score(c) for c in sorted(set(labels))]))
