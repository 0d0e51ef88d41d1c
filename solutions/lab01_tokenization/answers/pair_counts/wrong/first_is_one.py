# mistake: the first count is 1
def pair_counts(words):
    found = {}
    for word, n in words.items():
        for pair in zip(word, word[1:]):
            if pair in found:
                found[pair] += n
            else:
                found[pair] = 1
    return found
