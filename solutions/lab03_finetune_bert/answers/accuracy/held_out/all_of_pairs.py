# mistake: all or nothing
def accuracy(predictions, labels):
    if all(p == y for p, y in zip(predictions, labels)):
        return 1.0
    return 0.0
