# mistake: articles inside words removed
import re
import string

def normalized(text):
    text = re.sub(r"the|an|a", "", text.lower())
    text = "".join(c for c in text if c not in string.punctuation)
    return " ".join(text.split())
