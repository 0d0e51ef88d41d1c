def mrr_and_hit(ranks, k):
    return sum(1 / r for r in ranks if r) / len(ranks), sum(bool(r) and r <= k for r in ranks) / len(ranks)
