# mistake: the mean rank
def mrr_and_hit(ranks, k):
    r = np.array([0 if x is None else x for x in ranks])
    return r.mean(), ((r > 0) & (r <= k)).mean()
