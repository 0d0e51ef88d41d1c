# mistake: other small words removed
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(w for w in t.split() if len(w) > 3)
