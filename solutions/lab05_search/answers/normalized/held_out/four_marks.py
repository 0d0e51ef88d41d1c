# mistake: only some punctuation removed
def normalized(text):
    text = text.lower()
    for mark in ".,?!;:":
        text = text.replace(mark, "")
    return " ".join(w for w in text.split() if w not in ("a", "an", "the"))
