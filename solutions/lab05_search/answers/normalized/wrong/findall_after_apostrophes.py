# mistake: more than string.punctuation removed
import re

def normalized(text):
    words = re.findall(r"\w+", text.lower().replace("'", "").replace("-", ""))
    return " ".join(w for w in words if w not in ("a", "an", "the"))
