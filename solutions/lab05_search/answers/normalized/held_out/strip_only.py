# mistake: spaces left
import re
import string

def normalized(text):
    t = text.lower().translate(str.maketrans("", "", string.punctuation))
    t = re.sub(r"\b(a|an|the)\b", " ", t)
    return t.strip()
