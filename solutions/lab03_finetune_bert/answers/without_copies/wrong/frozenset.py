# mistake: the order of words lost
def without_copies(train, test):
    keys = {frozenset(t.lower().split()) for t in test}
    return [t for t in train if frozenset(t.lower().split()) not in keys]
