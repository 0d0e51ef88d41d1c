# mistake: one yes or no for all questions
def mrr_and_hit(ranks, k):
    inverse = [1 / r if r else 0 for r in ranks]
    return sum(inverse) / len(ranks), 1.0 if max(inverse) >= 1 / k else 0.0
