# mistake: one pass from left to right
def encode(word, merges):
    if len(word) < 2:
        return list(word)
    if (word[0], word[1]) in merges:
        return [word[:2]] + encode(word[2:], merges)
    return [word[0]] + encode(word[1:], merges)
