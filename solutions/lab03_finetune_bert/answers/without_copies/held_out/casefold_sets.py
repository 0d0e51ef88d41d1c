# mistake: spaces not made equal
def without_copies(train, test):
    known = set(map(str.casefold, test))
    return [text for text in train if text.casefold() not in known]
