def mean_pool(hidden, mask):
    weights = mask / mask.sum(axis=-1, keepdims=True)
    return (weights[:, None, :] @ hidden)[:, 0]
