# mistake: None not handled
def mrr_and_hit(ranks, k):
    return sum(1 / r for r in ranks) / len(ranks), sum(r <= k for r in ranks) / len(ranks)
