# mistake: None counted as the next place
def mrr_and_hit(ranks, k):
    r = [k + 1 if x is None else x for x in ranks]
    return sum(1 / x for x in r) / len(r), sum(x <= k for x in r) / len(r)
