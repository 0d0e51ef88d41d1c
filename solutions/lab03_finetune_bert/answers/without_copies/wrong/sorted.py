# mistake: order lost
def without_copies(train, test):
    test = [t.lower().split() for t in test]
    return sorted(t for t in train if t.lower().split() not in test)
