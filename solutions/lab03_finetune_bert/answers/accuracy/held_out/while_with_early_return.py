# mistake: `return` inside the loop
def accuracy(predictions, labels):
    i, right = 0, 0
    while i < len(labels):
        if predictions[i] == labels[i]:
            right = right + 1
        i = i + 1
        return right / len(labels)
