# mistake: spaces left
import re
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", "", t)
