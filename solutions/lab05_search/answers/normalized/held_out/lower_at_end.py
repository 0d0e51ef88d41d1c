# mistake: articles with a capital kept
import re
import string

def normalized(text):
    t = re.sub(r"\b(a|an|the)\b", " ", text.translate(str.maketrans("", "", string.punctuation)))
    return " ".join(t.lower().split())
