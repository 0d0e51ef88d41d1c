# mistake: only the first article removed
import re
import string

def normalized(text):
    t = " ".join("".join(c for c in text.lower() if c not in string.punctuation).split())
    return re.sub(r"^(a|an|the)\s+", "", t)
