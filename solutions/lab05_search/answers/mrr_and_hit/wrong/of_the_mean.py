# mistake: 1 / the mean rank
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r is not None]
    return len(found) / sum(found), sum(r <= k for r in found) / len(ranks)
