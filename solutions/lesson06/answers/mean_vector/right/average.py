def mean_vector(hidden, mask):
    weights = mask / mask.sum(1, keepdims=True)
    return (weights[:, None, :] @ hidden)[:, 0]
