# mistake: `return` inside the loop
def accuracy(predictions, labels):
    right = 0
    for p, y in zip(predictions, labels):
        if p == y:
            right += 1
        return right / len(labels)
