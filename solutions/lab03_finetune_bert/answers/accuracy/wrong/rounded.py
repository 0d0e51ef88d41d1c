# mistake: rounded
def accuracy(predictions, labels):
    if not labels:
        return 0.0
    right = [p == y for p, y in zip(predictions, labels)]
    return round(sum(right) / len(right), 2)
