# mistake: only the first article removed
import string

def normalized(text):
    t = " ".join("".join(c for c in text.lower() if c not in string.punctuation).split())
    for article in ("the ", "an ", "a "):
        if t.startswith(article):
            t = t[len(article):]
    return t
