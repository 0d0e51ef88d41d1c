# mistake: the share of mistakes
def accuracy(predictions, labels):
    if len(labels) == 0:
        return 0.0
    return np.mean(np.array(predictions) != np.array(labels))
