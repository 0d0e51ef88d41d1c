# mistake: all spaces removed
def without_copies(train, test):
    def key(t):
        return ''.join(t.lower().split())

    keys = {key(t) for t in test}
    return [t for t in train if key(t) not in keys]
