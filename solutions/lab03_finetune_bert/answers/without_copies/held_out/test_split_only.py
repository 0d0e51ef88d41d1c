# mistake: only the training side in lower case
def without_copies(train, test):
    seen = [t.split() for t in test]
    kept = []
    for text in train:
        words = text.lower().split()
        if words not in seen:
            kept.append(text)
    return kept
