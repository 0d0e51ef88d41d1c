# mistake: not divided
def mrr_and_hit(ranks, k):
    mrr, hit = 0, 0
    for r in ranks:
        if r is not None:
            mrr += 1 / r
            if r <= k:
                hit += 1
    return mrr, hit
