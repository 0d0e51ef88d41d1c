# mistake: k ignored
def mrr_and_hit(ranks, k):
    inverse = [0 if r is None else 1 / r for r in ranks]
    return np.mean(inverse), np.mean([r is not None for r in ranks])
