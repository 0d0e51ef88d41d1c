# mistake: in percent
def accuracy(predictions, labels):
    right = 0
    for i in range(len(labels)):
        if predictions[i] == labels[i]:
            right += 1
    share = right / len(labels)
    return share * 100
