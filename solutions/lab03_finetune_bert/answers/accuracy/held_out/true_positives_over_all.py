# mistake: only label 1 counted as right
def accuracy(predictions, labels):
    tp = 0
    for p, y in zip(predictions, labels):
        if y == 1 and p == 1:
            tp += 1
    return tp / len(predictions)
