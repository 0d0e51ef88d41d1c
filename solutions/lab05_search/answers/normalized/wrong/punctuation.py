# mistake: punctuation kept
def normalized(text):
    return " ".join(w for w in text.lower().split() if w not in ("a", "an", "the"))
