# mistake: in percent
def accuracy(predictions, labels):
    if not labels:
        return 0.0
    return np.mean(np.array(predictions) == np.array(labels)) * 100
