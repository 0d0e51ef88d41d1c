# mistake: the length
def predict(sentences):
    return np.array([len(s) < 100 for s in sentences]).astype(int)
