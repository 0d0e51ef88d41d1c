# mistake: articles inside words removed
import string

def normalized(text):
    text = text.lower().translate(str.maketrans("", "", string.punctuation))
    for article in ["a ", "an ", "the "]:
        text = text.replace(article, "")
    return " ".join(text.split())
