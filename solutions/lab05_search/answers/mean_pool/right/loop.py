def mean_pool(hidden, mask):
    pooled = []
    for vectors, known in zip(hidden, mask):
        kept = [v for v, one in zip(vectors, known) if one]
        pooled.append(sum(kept) / len(kept))
    return pooled
