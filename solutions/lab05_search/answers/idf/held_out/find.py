# mistake: found inside longer words
def idf(word, texts):
    n = 0
    for text in texts:
        if text.lower().find(word) >= 0:
            n = n + 1
    N = len(texts)
    return np.log(1 + (N - n + 0.5) / (n + 0.5))
