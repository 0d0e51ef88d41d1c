def without_copies(train, test):
    seen = [t.lower().split() for t in test]
    return [t for t in train if t.lower().split() not in seen]
