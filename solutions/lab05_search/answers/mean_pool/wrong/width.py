# mistake: divided by the width
def mean_pool(hidden, mask):
    return (hidden * mask[:, :, None]).sum(axis=1) / hidden.shape[-1]
