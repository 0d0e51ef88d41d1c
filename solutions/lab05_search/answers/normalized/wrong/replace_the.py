# mistake: articles inside words removed
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    for article in ("the", "an", "a"):
        t = t.replace(article, "")
    return " ".join(t.split())
