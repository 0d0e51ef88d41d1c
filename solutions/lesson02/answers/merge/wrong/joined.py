# mistake: merged again
def merge(word, pair):
    merged, at = [], 0
    while at < len(word):
        size = 2 if ''.join(word[at : at + 2]) == ''.join(pair) else 1
        merged.append("".join(word[at : at + size]))
        at += size
    return tuple(merged)
