# mistake: None counted as a hit
def mrr_and_hit(ranks, k):
    r = np.array([0 if x is None else x for x in ranks])
    inverse = np.array([1 / x if x > 0 else 0 for x in r])
    return inverse.mean(), (r <= k).mean()
