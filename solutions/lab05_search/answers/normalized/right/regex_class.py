import re
import string

def normalized(text):
    bare = re.sub("[" + re.escape(string.punctuation) + "]", "", text.lower())
    return re.sub(r"\s+", " ", re.sub(r"\b(?:an?|the)\b", " ", bare)).strip()
