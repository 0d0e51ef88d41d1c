# mistake: the best question only
def mrr_and_hit(ranks, k):
    r = np.array([np.inf if x is None else x for x in ranks])
    return float(np.max(1 / r)), float(np.mean(r <= k))
