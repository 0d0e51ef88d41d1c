# mistake: divided by k
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r is not None]
    return sum(1 / r for r in found) / len(ranks), sum(r <= k for r in found) / k
