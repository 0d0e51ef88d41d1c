# mistake: ranks counted from 0
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r is not None]
    return sum(1 / (r + 1) for r in found) / len(ranks), sum(r < k for r in found) / len(ranks)
