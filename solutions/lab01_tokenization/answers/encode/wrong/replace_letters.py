# mistake: replaced in the text
def encode(word, merges):
    for a, b in merges:
        word = word.replace(a + b, " " + a + b + " ")
    return word.split()
