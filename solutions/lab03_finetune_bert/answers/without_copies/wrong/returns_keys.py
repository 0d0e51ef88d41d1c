# mistake: the texts themselves changed
def without_copies(train, test):
    train = [' '.join(t.lower().split()) for t in train]
    test = [' '.join(t.lower().split()) for t in test]
    return [t for t in train if t not in test]
