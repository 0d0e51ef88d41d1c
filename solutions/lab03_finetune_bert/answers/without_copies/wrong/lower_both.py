# mistake: spaces not made equal
def without_copies(train, test):
    seen = [text.lower() for text in test]
    return [text for text in train if text.lower() not in seen]
