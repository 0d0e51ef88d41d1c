def accuracy(predictions, labels):
    right = 0
    for i, label in enumerate(labels):
        if predictions[i] == label:
            right += 1
    return right / max(1, len(labels))
