# mistake: the share of mistakes
def accuracy(predictions, labels):
    count = 0
    for guess, truth in zip(predictions, labels):
        if guess == truth:
            continue
        count += 1
    return count / len(labels)
