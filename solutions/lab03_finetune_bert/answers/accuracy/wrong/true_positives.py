# mistake: only label 1 counted as right
def accuracy(predictions, labels):
    right = 0
    for p, y in zip(predictions, labels):
        if p == 1 and y == 1:
            right += 1
    return right / len(labels) if labels else 0.0
