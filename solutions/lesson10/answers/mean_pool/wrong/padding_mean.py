# mistake: the mean of the padding
def mean_pool(hidden, mask):
    other = 1 - mask
    return (hidden * other[:, :, None]).sum(axis=1) / np.maximum(other.sum(axis=1, keepdims=True), 1)
