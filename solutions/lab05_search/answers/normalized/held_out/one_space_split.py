# mistake: spaces left
import string

def normalized(text):
    t = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(w for w in t.split(" ") if w not in ("a", "an", "the"))
