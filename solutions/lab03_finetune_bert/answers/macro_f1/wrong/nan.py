# mistake: not a number
def macro_f1(predictions, labels):
    p, y = np.array(predictions), np.array(labels)
    scores = []
    for c in np.unique(y):
        precision = (y[p == c] == c).mean()
        recall = (p[y == c] == c).mean()
        scores.append(2 * precision * recall / (precision + recall))
    return np.mean(scores)
