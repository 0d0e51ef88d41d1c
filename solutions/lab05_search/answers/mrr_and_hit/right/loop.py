def mrr_and_hit(ranks, k):
    mrr, hit = 0.0, 0
    for r in ranks:
        if r is None:
            continue
        mrr += 1 / r
        if r <= k:
            hit += 1
    return mrr / len(ranks), hit / len(ranks)
