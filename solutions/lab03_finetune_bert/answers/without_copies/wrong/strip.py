# mistake: only spaces at the ends
def without_copies(train, test):
    seen = {text.strip().casefold() for text in test}
    return [text for text in train if text.strip().casefold() not in seen]
