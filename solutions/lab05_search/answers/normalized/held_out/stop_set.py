# mistake: other small words removed
import string

def normalized(text):
    STOP = {"a", "an", "the", "and", "or", "of", "in", "on", "at", "to", "is", "was"}
    words = text.lower().translate(str.maketrans("", "", string.punctuation)).split()
    return " ".join(w for w in words if w not in STOP)
