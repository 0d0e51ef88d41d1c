def position_ids(mask):
    from_one = np.cumsum(mask, axis=-1)
    return np.maximum(from_one - 1, 0)
