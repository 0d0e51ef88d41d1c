# mistake: exactly k in place of at most k
def mrr_and_hit(ranks, k):
    return float(np.mean([1 / r if r else 0 for r in ranks])), ranks.count(k) / len(ranks)
