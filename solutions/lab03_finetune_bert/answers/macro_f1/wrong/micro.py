# mistake: this is accuracy
def macro_f1(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    tp = (p == y).sum()
    fp = fn = (p != y).sum()
    return 2 * tp / (2 * tp + fp + fn)
