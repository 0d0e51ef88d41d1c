# mistake: averaged over the found ones
def mrr_and_hit(ranks, k):
    total, hits, n = 0.0, 0, 0
    for r in ranks:
        if r is None:
            continue
        n += 1
        total += 1 / r
        hits += r <= k
    return total / n, hits / n
