# mistake: articles inside words removed
import re
import string

def normalized(text):
    t = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(re.sub(r"(a|an|the)", " ", t).split())
