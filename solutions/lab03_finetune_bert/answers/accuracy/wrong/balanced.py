# mistake: the mean over classes
def accuracy(predictions, labels):
    if not labels:
        return 0.0
    p, y = np.array(predictions), np.array(labels)
    return np.mean([(p[y == c] == c).mean() for c in np.unique(y)])
