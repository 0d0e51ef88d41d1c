# mistake: below k in place of at most k
def mrr_and_hit(ranks, k):
    mrr = hit = 0
    for r in ranks:
        if r is not None:
            mrr += 1 / r
            if r in range(1, k):
                hit += 1
    return mrr / len(ranks), hit / len(ranks)
