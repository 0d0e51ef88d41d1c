# mistake: None counted as a hit
def mrr_and_hit(ranks, k):
    r = [x or 1 for x in ranks]
    return sum(1 / x for x in r) / len(r), sum(x <= k for x in r) / len(r)
