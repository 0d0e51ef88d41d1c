# mistake: the two numbers the wrong way round
def mrr_and_hit(ranks, k):
    hit = len([r for r in ranks if r is not None and r <= k]) / len(ranks)
    mrr = sum([1 / r for r in ranks if r is not None]) / len(ranks)
    return hit, mrr
