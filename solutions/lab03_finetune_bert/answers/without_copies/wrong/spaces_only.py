# mistake: case not made equal
def without_copies(train, test):
    seen = {tuple(text.split()) for text in test}
    return [text for text in train if tuple(text.split()) not in seen]
