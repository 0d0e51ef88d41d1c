# mistake: all spaces removed
import re


def without_copies(train, test):
    squeeze = lambda text: re.sub(r"\s", "", text).lower()
    known = set(squeeze(text) for text in test)
    return [text for text in train if squeeze(text) not in known]
