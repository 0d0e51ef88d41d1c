# mistake: averaged over the found ones
def mrr_and_hit(ranks, k):
    ranks = list(filter(None, ranks))
    return sum(1 / r for r in ranks) / len(ranks), sum(1 for r in ranks if r <= k) / len(ranks)
