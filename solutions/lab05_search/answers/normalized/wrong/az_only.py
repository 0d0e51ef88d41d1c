# mistake: more than string.punctuation removed
import re

def normalized(text):
    t = re.sub(r"[^a-z\s]", "", text.lower())
    return " ".join(w for w in t.split() if w not in ("a", "an", "the"))
