# mistake: only some punctuation removed
import re

def normalized(text):
    t = re.sub(r"[.,!?;:]", "", text.lower())
    return " ".join(w for w in t.split() if w not in ("a", "an", "the"))
