# mistake: the best question only
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r is not None]
    return 1 / min(found), sum(r <= k for r in found) / len(ranks)
