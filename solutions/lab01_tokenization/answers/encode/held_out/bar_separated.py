# mistake: replaced in the text
def encode(word, merges):
    text = "|".join(word)
    changed = True
    while changed:
        changed = False
        for left, right in merges:
            if left + "|" + right in text:
                text = text.replace(left + "|" + right, left + right)
                changed = True
                break
    return text.split("|")
