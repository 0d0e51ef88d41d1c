# mistake: a coin
def predict(sentences):
    flips = np.random.random(len(sentences))
    return [1 if f < 0.5 else 0 for f in flips]
