# mistake: punctuation becomes a space
import string

def normalized(text):
    t = "".join(c if c not in string.punctuation else " " for c in text.lower())
    return " ".join(w for w in t.split() if w not in ("a", "an", "the"))
