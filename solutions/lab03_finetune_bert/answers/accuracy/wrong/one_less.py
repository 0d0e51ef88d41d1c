# mistake: divided by one less
def accuracy(predictions, labels):
    if len(labels) < 1:
        return 0.0
    return sum(p == y for p, y in zip(predictions, labels)) / (len(labels) - 1)
