# mistake: pairs with a count of 0
def pair_counts(words):
    letters = sorted({s for word in words for s in word})
    counts = {(a, b): 0 for a in letters for b in letters}
    for word, n in words.items():
        for pair in zip(word, word[1:]):
            counts[pair] += n
    return counts
