# mistake: found inside longer words, capitals missed
def idf(word, texts):
    df = len([t for t in texts if word in t])
    N = len(texts)
    return float(np.log((N - df + 0.5) / (df + 0.5) + 1))
