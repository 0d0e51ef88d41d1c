# mistake: the texts themselves changed
def without_copies(train, test):
    train = [text.lower() for text in train]
    seen = {tuple(text.lower().split()) for text in test}
    return [text for text in train if tuple(text.split()) not in seen]
