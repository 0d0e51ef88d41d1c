# mistake: a list of words returned
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    return [w for w in t.split() if w not in ("a", "an", "the")]
