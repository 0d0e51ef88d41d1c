# mistake: the MRR cut at k
def mrr_and_hit(ranks, k):
    hits = [r for r in ranks if r is not None and r <= k]
    return sum(1 / r for r in hits) / len(ranks), len(hits) / len(ranks)
