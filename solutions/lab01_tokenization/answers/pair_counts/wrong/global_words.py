# mistake: a variable of the notebook instead of the argument
words = {("t", "e", "a"): 5, ("t", "e", "a", "m"): 3}

def pair_counts(text):
    counts = {}
    for word, n in words.items():
        for pair in zip(word, word[1:]):
            counts[pair] = counts.get(pair, 0) + n
    return counts
