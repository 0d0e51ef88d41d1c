# mistake: capitals kept
import re
import string

def normalized(text):
    t = text.translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", t).split())
