# mistake: a coin
def predict(sentences):
    np.random.seed(0)
    return np.random.randint(0, 2, size=len(sentences))
