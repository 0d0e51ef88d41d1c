# mistake: only the training side in lower case
def without_copies(train, test):
    return [text for text in train if text.lower() not in test]
