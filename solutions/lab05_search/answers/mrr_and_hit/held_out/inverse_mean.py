# mistake: 1 / the mean rank
def mrr_and_hit(ranks, k):
    found = np.array([r for r in ranks if r is not None])
    return 1 / found.mean(), (found <= k).sum() / len(ranks)
