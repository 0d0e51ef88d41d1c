import string

def normalized(text):
    text = text.lower()
    for mark in string.punctuation:
        text = text.replace(mark, "")
    words = []
    for word in text.split():
        if word == "a" or word == "an" or word == "the":
            continue
        words.append(word)
    return " ".join(words)
