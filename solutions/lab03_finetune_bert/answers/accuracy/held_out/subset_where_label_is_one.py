# mistake: the recall of label 1
def accuracy(predictions, labels):
    p, y = np.asarray(predictions), np.asarray(labels)
    picked = p[y == 1]
    if len(picked) == 0:
        return 0.0
    return float((picked == 1).mean())
