# mistake: only the training side in lower case
def without_copies(train, test):
    return [text for text in train if ' '.join(text.lower().split()) not in test]
