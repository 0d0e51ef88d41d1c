# mistake: only some kinds of space
def without_copies(train, test):
    def key(t):
        return [w for w in t.strip().lower().split(' ') if w]

    keys = [key(t) for t in test]
    kept = []
    for t in train:
        if key(t) not in keys:
            kept.append(t)
    return kept
