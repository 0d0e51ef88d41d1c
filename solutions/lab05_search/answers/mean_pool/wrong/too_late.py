# mistake: the mask after the division
def mean_pool(hidden, mask):
    return hidden.sum(axis=1) / mask.sum(axis=1, keepdims=True)
