# mistake: punctuation removed only at the ends of words
import string

def normalized(text):
    words = [w.strip(string.punctuation) for w in text.lower().split()]
    return " ".join(w for w in words if w and w not in ("a", "an", "the"))
