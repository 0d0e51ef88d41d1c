# mistake: a coin
def predict(sentences):
    rng = np.random.default_rng(0)
    return [int(rng.integers(0, 2)) for _ in sentences]
