# mistake: order lost
def without_copies(train, test):
    def key(text):
        return tuple(text.lower().split())

    known = set(map(key, test))
    pending, kept = list(train), []
    while pending:
        text = pending.pop()
        if key(text) not in known:
            kept.append(text)
    return kept
