# mistake: only class 1
def macro_f1(predictions, labels):
    pairs = list(zip(predictions, labels))
    tp = pairs.count((1, 1))
    called, labeled = predictions.count(1), labels.count(1)
    if called + labeled == 0:
        return 0.0
    return 2 * tp / (called + labeled)
