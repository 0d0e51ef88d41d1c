# mistake: the MRR cut at k
def mrr_and_hit(ranks, k):
    reciprocal = np.zeros(len(ranks))
    for i, r in enumerate(ranks):
        if r is not None and r <= k:
            reciprocal[i] = 1 / r
    return reciprocal.mean(), (reciprocal > 0).mean()
