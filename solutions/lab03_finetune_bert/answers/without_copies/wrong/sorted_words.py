# mistake: the order of words lost
def without_copies(train, test):
    key = lambda t: ' '.join(sorted(t.casefold().split()))
    keys = [key(t) for t in test]
    return [t for t in train if key(t) not in keys]
