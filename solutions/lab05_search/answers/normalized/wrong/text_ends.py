# mistake: punctuation removed only at the ends of words
import string

def normalized(text):
    words = text.lower().strip(string.punctuation).split()
    return " ".join(w for w in words if w not in ("a", "an", "the"))
