# mistake: not weighted
def ece(confidence, hits, bins=10):
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return np.mean([abs(hits[place == k].mean() - confidence[place == k].mean()) for k in set(place.tolist())])
