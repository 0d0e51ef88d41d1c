# mistake: punctuation removed only at the ends of words
import string

def normalized(text):
    result = []
    for word in text.lower().split():
        word = word.strip(string.punctuation)
        if word not in {"", "a", "an", "the"}:
            result.append(word)
    return " ".join(result)
