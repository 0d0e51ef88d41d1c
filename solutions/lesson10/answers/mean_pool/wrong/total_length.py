# mistake: divided by the tokens of all texts
def mean_pool(hidden, mask):
    kept = hidden * mask[:, :, None]
    return kept.sum(axis=1) / mask.sum()
