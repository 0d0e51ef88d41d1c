# mistake: only the first article removed
import string

def normalized(text):
    words = "".join(c for c in text.lower() if c not in string.punctuation).split()
    for article in ("a", "an", "the"):
        if article in words:
            words.remove(article)
    return " ".join(words)
