def mean_vector(hidden, mask):
    return np.stack([row[keep == 1].mean(axis=0) for row, keep in zip(hidden, mask)])
