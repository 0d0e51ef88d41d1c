# mistake: None counted as the next place
def mrr_and_hit(ranks, k):
    r = [x if x is not None else 100 for x in ranks]
    return np.mean([1 / x for x in r]), np.mean([x <= k for x in r])
