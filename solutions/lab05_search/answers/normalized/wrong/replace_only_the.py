# mistake: articles inside words removed
import string

def normalized(text):
    t = "".join(c for c in text.lower() if c not in string.punctuation)
    t = t.replace("the ", "").replace("an ", "").replace("a ", "")
    return " ".join(t.split())
