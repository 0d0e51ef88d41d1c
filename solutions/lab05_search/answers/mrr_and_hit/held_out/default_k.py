# mistake: None counted as the next place
def mrr_and_hit(ranks, k):
    total, hits = 0, 0
    for r in ranks:
        if r is None:
            r = k + 1
        total += 1 / r
        hits += int(r <= k)
    return total / len(ranks), hits / len(ranks)
