# mistake: compared letter by letter
def without_copies(train, test):
    kept = []
    for text in train:
        if text not in test:
            kept.append(text)
    return kept
