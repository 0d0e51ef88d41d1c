# mistake: divided by one less
def accuracy(predictions, labels):
    right = 0
    for i, (p, y) in enumerate(zip(predictions, labels)):
        right += int(p == y)
    return right / i
