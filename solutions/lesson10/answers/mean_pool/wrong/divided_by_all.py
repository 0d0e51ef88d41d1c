# mistake: divided by the length of the batch
def mean_pool(hidden, mask):
    kept = hidden * mask[:, :, None]
    return kept.mean(axis=1)
