# mistake: only some kinds of space
def without_copies(train, test):
    def words(text):
        return [w for w in text.lower().split(" ") if w != ""]

    seen = [words(t) for t in test]
    return [t for t in train if words(t) not in seen]
