# mistake: only some punctuation removed
import re

def normalized(text):
    text = re.sub(r"[.,;:!?\"'()\[\]]", "", text.lower())
    return " ".join(w for w in text.split() if w not in {"a", "an", "the"})
