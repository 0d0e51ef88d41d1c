# mistake: taking turns
def predict(sentences):
    return np.arange(len(sentences)) % 2
