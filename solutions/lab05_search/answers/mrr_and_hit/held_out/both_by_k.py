# mistake: divided by k
def mrr_and_hit(ranks, k):
    r = np.array([np.inf if x is None else x for x in ranks])
    return float((1 / r).mean()), float((r <= k).sum() / k)
