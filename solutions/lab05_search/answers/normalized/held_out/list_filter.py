# mistake: a list of words returned
import string

def normalized(text):
    words = text.lower().translate(str.maketrans("", "", string.punctuation)).split()
    return list(filter(lambda w: w not in {"a", "an", "the"}, words))
