import re


def without_copies(train, test):
    def key(text):
        return re.sub(r"\s+", " ", text).strip().lower()

    keys = set(map(key, test))
    return list(filter(lambda text: key(text) not in keys, train))
