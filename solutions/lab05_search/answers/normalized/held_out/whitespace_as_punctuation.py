# mistake: no spaces left
import string

def normalized(text):
    words = text.lower().translate(str.maketrans("", "", string.punctuation)).split()
    result = ""
    for w in words:
        if w != "a" and w != "an" and w != "the":
            result += w
    return result
