# mistake: a list
def merge(word, pair):
    word, at = list(word), 0
    while at < len(word) - 1:
        if word[at] == pair[0] and word[at + 1] == pair[1]:
            word[at] = word[at] + word.pop(at + 1)
        at += 1
    return word
