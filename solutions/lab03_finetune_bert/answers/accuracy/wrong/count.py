# mistake: a count
def accuracy(predictions, labels):
    return sum(1 for p, y in zip(predictions, labels) if p == y)
