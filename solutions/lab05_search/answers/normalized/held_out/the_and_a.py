# mistake: some articles kept
import re
import string

def normalized(text):
    t = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"\b(the|a)\b", "", t).split())
