# mistake: case not made equal
def without_copies(train, test):
    words_of_test = [text.split() for text in test]
    return [text for text in train if text.split() not in words_of_test]
