# mistake: compared letter by letter
def without_copies(train, test):
    return [text for text in train if not any(text == other for other in test)]
