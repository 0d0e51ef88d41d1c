# mistake: punctuation kept
def idf(word, texts):
    sets = [set(text.lower().split(" ")) for text in texts]
    n = sum(word in s for s in sets)
    return float(np.log(1 + (len(sets) - n + 0.5) / (n + 0.5)))
