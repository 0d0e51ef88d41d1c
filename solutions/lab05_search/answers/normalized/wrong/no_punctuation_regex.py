# mistake: punctuation kept
import re

def normalized(text):
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text.lower()).split())
