# mistake: punctuation becomes a space
import string

def normalized(text):
    table = str.maketrans({c: " " for c in string.punctuation})
    words = text.lower().translate(table).split()
    return " ".join(w for w in words if w not in {"a", "an", "the"})
