# mistake: None not handled
def mrr_and_hit(ranks, k):
    r = np.array(ranks, dtype=float)
    return np.mean(1 / r), np.mean(r <= k)
