# mistake: test texts removed instead
def without_copies(train, test):
    train = [t.lower().split() for t in train]
    return [t for t in test if t.lower().split() not in train]
