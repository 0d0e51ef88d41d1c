# mistake: punctuation kept
def normalized(text):
    words = text.lower().split()
    result = ""
    for w in words:
        if w not in ["the", "a", "an"]:
            result = result + w + " "
    return result.strip()
