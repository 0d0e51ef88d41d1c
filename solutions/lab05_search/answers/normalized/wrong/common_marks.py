# mistake: only some punctuation removed
def normalized(text):
    t = "".join(c for c in text.lower() if c not in ".,;:!?'\"()-")
    return " ".join(w for w in t.split() if w not in ("a", "an", "the"))
