# mistake: articles kept
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(t.split())
