def merge(word, pair):
    word, at = list(word), 0
    while at < len(word) - 1:
        if (word[at], word[at + 1]) == pair:
            word[at : at + 2] = [pair[0] + pair[1]]
        at += 1
    return tuple(word)
