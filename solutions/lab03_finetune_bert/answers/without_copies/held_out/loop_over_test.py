# mistake: test texts removed instead
def without_copies(train, test):
    normal = lambda s: " ".join(s.lower().split())
    in_train = [normal(s) for s in train]
    left = []
    for s in test:
        if normal(s) not in in_train:
            left.append(s)
    return left
