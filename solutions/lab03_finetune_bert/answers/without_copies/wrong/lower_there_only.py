# mistake: only the test side in lower case
def without_copies(train, test):
    seen = {text.lower() for text in test}
    return [text for text in train if text not in seen]
