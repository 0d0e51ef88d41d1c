# mistake: only the first place
def merge(word, pair):
    for at in range(len(word) - 1):
        if word[at : at + 2] == pair:
            return word[:at] + (pair[0] + pair[1],) + word[at + 2 :]
    return word
