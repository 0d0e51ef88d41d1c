# mistake: from the right
def merge(word, pair):
    word, at = list(word), len(word) - 2
    while at >= 0:
        if (word[at], word[at + 1]) == pair:
            word[at : at + 2] = [pair[0] + pair[1]]
            at -= 1
        at -= 1
    return tuple(word)
