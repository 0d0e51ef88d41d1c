# mistake: the padding averaged
def mean_pool(hidden, mask):
    keep = 1 - mask
    return (hidden * keep[:, :, None]).sum(axis=1) / np.maximum(keep.sum(axis=1, keepdims=True), 1)
