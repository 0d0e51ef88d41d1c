# mistake: the two numbers the wrong way round
def mrr_and_hit(ranks, k):
    r = np.array([np.inf if x is None else x for x in ranks])
    return np.mean(r <= k), np.mean(1 / r)
