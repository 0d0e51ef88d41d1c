def mean_vector(hidden, mask):
    kept = hidden * mask[..., None]
    return kept.sum(axis=1) / mask.sum(axis=1)[:, None]
