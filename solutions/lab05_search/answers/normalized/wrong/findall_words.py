# mistake: punctuation becomes a space
import re

def normalized(text):
    words = re.findall(r"\w+", text.lower())
    return " ".join(w for w in words if w not in ("a", "an", "the"))
