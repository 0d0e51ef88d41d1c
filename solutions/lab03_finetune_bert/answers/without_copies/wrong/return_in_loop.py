# mistake: `return` inside the loop
def without_copies(train, test):
    keys = {" ".join(t.lower().split()) for t in test}
    kept = []
    for text in train:
        if " ".join(text.lower().split()) not in keys:
            kept.append(text)
        return kept
