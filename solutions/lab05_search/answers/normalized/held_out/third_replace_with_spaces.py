# mistake: some articles kept
import string

def normalized(text):
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    for a in [" a ", " an ", " the "]:
        text = text.replace(a, " ")
    return " ".join(text.split())
