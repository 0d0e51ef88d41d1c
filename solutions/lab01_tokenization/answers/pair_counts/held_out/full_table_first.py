# mistake: pairs with a count of 0
def pair_counts(words):
    alphabet = sorted({s for word in words for s in word})
    table = {(a, b): 0 for a in alphabet for b in alphabet}
    for word, n in words.items():
        for pair in zip(word, word[1:]):
            table[pair] += n
    return table
