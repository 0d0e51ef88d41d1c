# mistake: the copies returned
def without_copies(train, test):
    test = [t.lower().split() for t in test]
    return [t for t in train if t.lower().split() in test]
