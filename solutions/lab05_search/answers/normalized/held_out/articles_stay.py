# mistake: articles kept
import re
import string

def normalized(text):
    return re.sub(r"\s+", " ", text.lower().translate(str.maketrans("", "", string.punctuation))).strip()
