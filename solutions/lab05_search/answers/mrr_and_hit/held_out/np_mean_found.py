# mistake: averaged over the found ones
def mrr_and_hit(ranks, k):
    r = np.array([x for x in ranks if x], dtype=float)
    return (1 / r).mean(), (r <= k).mean()
