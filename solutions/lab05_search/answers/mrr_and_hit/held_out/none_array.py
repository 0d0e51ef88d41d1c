# mistake: None not handled
def mrr_and_hit(ranks, k):
    r = np.array(ranks)
    return float((1 / r).mean()), float((r <= k).mean())
