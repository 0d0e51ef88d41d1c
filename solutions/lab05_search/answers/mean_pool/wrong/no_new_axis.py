# mistake: the mask needs a third axis
def mean_pool(hidden, mask):
    return (hidden * mask).sum(axis=1) / mask.sum(axis=1)
