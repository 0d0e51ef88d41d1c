def position_ids(mask):
    return np.where(mask == 1, np.cumsum(mask, axis=1) - 1, 0)
