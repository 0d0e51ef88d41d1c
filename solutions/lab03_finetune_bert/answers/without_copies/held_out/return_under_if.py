# mistake: `return` inside the loop
def without_copies(train, test):
    seen = {" ".join(t.lower().split()) for t in test}
    kept = []
    for i in range(len(train)):
        key = " ".join(train[i].lower().split())
        if key not in seen:
            kept.append(train[i])
            return kept
