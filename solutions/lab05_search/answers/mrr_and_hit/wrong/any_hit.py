# mistake: one yes or no for all questions
def mrr_and_hit(ranks, k):
    found = [r for r in ranks if r is not None]
    return sum(1 / r for r in found) / len(ranks), float(any(r <= k for r in found))
