# mistake: all or nothing
def accuracy(predictions, labels):
    if not labels:
        return 0.0
    return np.mean(predictions == labels)
