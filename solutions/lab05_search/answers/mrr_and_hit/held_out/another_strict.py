# mistake: below k in place of at most k
def mrr_and_hit(ranks, k):
    r = np.array([np.inf if x is None else x for x in ranks])
    return (1 / r).mean(), (r < k).mean()
