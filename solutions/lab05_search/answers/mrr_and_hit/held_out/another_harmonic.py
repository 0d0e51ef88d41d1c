# mistake: 1 / the mean rank
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r]
    return 1 / (sum(found) / len(found)), sum(r <= k for r in found) / len(ranks)
