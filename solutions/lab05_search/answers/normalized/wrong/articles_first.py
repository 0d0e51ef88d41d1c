# mistake: articles removed before the punctuation
import string

def normalized(text):
    words = [w for w in text.lower().split() if w not in ("a", "an", "the")]
    t = "".join(c for c in " ".join(words) if c not in string.punctuation)
    return " ".join(t.split())
