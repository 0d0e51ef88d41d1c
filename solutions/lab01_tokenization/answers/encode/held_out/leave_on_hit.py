# mistake: only one merge
def encode(word, merges):
    letters = tuple(word)
    neighbors = set(zip(letters, letters[1:]))
    for pair in merges:
        if pair in neighbors:
            return list(merge(letters, pair))
    return list(letters)
