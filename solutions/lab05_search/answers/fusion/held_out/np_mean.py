# mistake: divided by the number of searches
def fusion(searches, k):
    return np.mean([1 / (k + (s[None, :] >= s[:, None]).sum(axis=1)) for s in searches], axis=0)
