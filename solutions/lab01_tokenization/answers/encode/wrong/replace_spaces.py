# mistake: replaced in the text
def encode(word, merges):
    spelled = " ".join(word)
    for left, right in merges:
        spelled = spelled.replace(left + " " + right, left + right)
    return spelled.split(" ")
