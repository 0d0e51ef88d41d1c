# mistake: the pair stays a tuple
def merge(word, pair):
    merged, at = [], 0
    while at < len(word):
        size = 2 if word[at : at + 2] == pair else 1
        merged.append(pair if size == 2 else word[at])
        at += size
    return tuple(merged)
