# mistake: the copies returned
def without_copies(train, test):
    keys = [t.lower().split() for t in test]
    kept = []
    for text in train:
        for key in keys:
            if text.lower().split() == key:
                kept.append(text)
                break
    return kept
