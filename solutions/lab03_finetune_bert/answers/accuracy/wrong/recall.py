# mistake: the recall of label 1
def accuracy(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    return ((p == 1) & (y == 1)).sum() / (y == 1).sum() if (y == 1).any() else 0.0
