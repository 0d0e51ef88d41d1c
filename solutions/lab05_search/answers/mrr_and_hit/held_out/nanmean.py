# mistake: averaged over the found ones
def mrr_and_hit(ranks, k):
    r = np.array([np.nan if x is None else x for x in ranks])
    return float(np.nanmean(1 / r)), float(np.mean(r <= k))
