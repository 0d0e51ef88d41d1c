# mistake: articles inside words removed
import string

def normalized(text):
    text = text.lower()
    for p in string.punctuation:
        text = text.replace(p, "")
    text = text.replace("the", "").replace("an", "").replace("a", "")
    return " ".join(text.split())
