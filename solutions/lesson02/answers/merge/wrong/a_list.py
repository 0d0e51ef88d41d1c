# mistake: a list
def merge(word, pair):
    merged, at = [], 0
    while at < len(word):
        size = 2 if word[at : at + 2] == pair else 1
        merged.append("".join(word[at : at + size]))
        at += size
    return merged
