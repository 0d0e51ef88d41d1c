# mistake: `return` inside the loop
def accuracy(predictions, labels):
    share = 0.0
    for i in range(len(labels)):
        share += int(predictions[i] == labels[i]) / len(labels)
        return share
