# mistake: only the first article removed
import re
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", t, count=1).split())
