def without_copies(train, test):
    for i in range(len(train) - 1, -1, -1):
        for other in test:
            if train[i].upper().split() == other.upper().split():
                del train[i]
                break
    return train
