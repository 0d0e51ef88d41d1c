# mistake: only some kinds of space
def without_copies(train, test):
    def key(t):
        t = t.lower().strip()
        while '  ' in t:
            t = t.replace('  ', ' ')
        return t

    return [t for t in train if key(t) not in [key(x) for x in test]]
