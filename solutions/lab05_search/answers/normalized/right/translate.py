import string

def normalized(text):
    bare = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(w for w in bare.split() if w not in {"a", "an", "the"})
