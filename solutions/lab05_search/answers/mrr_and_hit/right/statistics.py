import statistics

def mrr_and_hit(ranks, k):
    return statistics.fmean(1 / r if r else 0 for r in ranks), statistics.fmean(r is not None and r <= k for r in ranks)
