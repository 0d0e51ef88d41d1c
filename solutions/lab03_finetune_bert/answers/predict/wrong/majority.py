# mistake: always the same label
def predict(sentences):
    return np.zeros(len(sentences), dtype=int)
