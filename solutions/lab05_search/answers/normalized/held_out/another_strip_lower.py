# mistake: articles removed before the punctuation
import re
import string

def normalized(text):
    text = re.sub(r"(^|\s)(a|an|the)(?=\s|$)", " ", text.lower())
    text = text.translate(str.maketrans("", "", string.punctuation))
    return " ".join(text.split())
