# mistake: the padding averaged
def mean_pool(hidden, mask):
    keep = (mask == 0)[:, :, None]
    return (hidden * keep).sum(1) / keep.sum(1)
