# mistake: counts itself as before itself
def rank(scores, right):
    best = np.max(np.asarray(scores)[right])
    return int(np.sum(np.asarray(scores) >= best)) + 1
