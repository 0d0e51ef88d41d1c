# mistake: ranks counted from 0
def mrr_and_hit(ranks, k):
    total, hits = 0.0, 0
    for r in ranks:
        if r is None:
            continue
        total += 1 / (1 + r)
        hits += r <= k
    return total / len(ranks), hits / len(ranks)
