# mistake: repetitions in the training set removed as well
def without_copies(train, test):
    seen = {" ".join(t.lower().split()) for t in test}
    kept = []
    for text in train:
        key = " ".join(text.lower().split())
        if key in seen:
            continue
        seen.add(key)
        kept.append(text)
    return kept
