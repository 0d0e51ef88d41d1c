# mistake: no spaces left
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    return "".join(w for w in t.split() if w not in ("a", "an", "the"))
