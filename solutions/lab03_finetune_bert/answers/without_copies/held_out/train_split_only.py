# mistake: only the test side in lower case
def without_copies(train, test):
    held_out = set()
    for text in test:
        held_out.add(" ".join(text.lower().split()))
    return list(filter(lambda text: " ".join(text.split()) not in held_out, train))
