# mistake: the second symbol stays
def merge(word, pair):
    merged = []
    for at in range(len(word)):
        if word[at : at + 2] == pair:
            merged.append(pair[0] + pair[1])
        else:
            merged.append(word[at])
    return tuple(merged)
