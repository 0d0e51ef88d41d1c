# mistake: more than string.punctuation removed
def normalized(text):
    t = "".join(c for c in text.lower() if c.isalpha() or c.isspace())
    return " ".join(w for w in t.split() if w not in ("a", "an", "the"))
