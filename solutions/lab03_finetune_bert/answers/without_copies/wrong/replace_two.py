# mistake: only some kinds of space
def without_copies(train, test):
    def key(t):
        return t.lower().strip().replace('  ', ' ')

    keys = {key(t) for t in test}
    return [t for t in train if key(t) not in keys]
