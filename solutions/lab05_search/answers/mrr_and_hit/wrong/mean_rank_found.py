# mistake: the mean rank
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r is not None]
    return sum(found) / len(found), sum(r <= k for r in found) / len(ranks)
