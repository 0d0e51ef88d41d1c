# mistake: only spaces at the ends
def _clean(text):
    return text.strip().lower()


def without_copies(train, test):
    banned = [_clean(t) for t in test]
    result = []
    for t in train:
        if _clean(t) in banned:
            continue
        result.append(t)
    return result
