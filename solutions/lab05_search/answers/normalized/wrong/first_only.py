# mistake: only the first article removed
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    words = t.split()
    if words and words[0] in ("a", "an", "the"):
        words = words[1:]
    return " ".join(words)
