def mean_pool(hidden, mask):
    kept = hidden * mask[:, :, None]
    lengths = mask.sum(axis=1, keepdims=True)
    return kept.sum(axis=1) / lengths
