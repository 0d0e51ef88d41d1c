# mistake: articles removed before the punctuation
import string

def normalized(text):
    kept = []
    for w in text.lower().split():
        if w in ["a", "an", "the"]:
            continue
        w = w.translate(str.maketrans("", "", string.punctuation))
        if w:
            kept.append(w)
    return " ".join(kept)
