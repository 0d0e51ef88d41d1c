# mistake: repetitions in the training set removed as well
def without_copies(train, test):
    test = [t.lower().split() for t in test]
    kept = {t: None for t in train if t.lower().split() not in test}
    return list(kept)
