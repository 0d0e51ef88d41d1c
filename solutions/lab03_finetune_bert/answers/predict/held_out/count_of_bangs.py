# mistake: exclamation marks
def predict(sentences):
    bangs = np.array([sentence.count("!") for sentence in sentences])
    return np.where(bangs > 0, 1, 0)
