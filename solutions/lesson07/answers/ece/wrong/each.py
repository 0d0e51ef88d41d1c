# mistake: each answer its own bin
def ece(confidence, hits, bins=10):
    return np.abs(hits - confidence).mean()
