# mistake: the first count is 1
def pair_counts(words):
    seen = {}
    for word, n in words.items():
        for pair in zip(word, word[1:]):
            try:
                seen[pair] += n
            except KeyError:
                seen[pair] = 1
    return seen
