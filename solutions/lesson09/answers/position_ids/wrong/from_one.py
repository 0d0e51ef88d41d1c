# mistake: counted from one
def position_ids(mask):
    return np.cumsum(mask, axis=-1)
