# mistake: only the padding is set to 0
def position_ids(mask):
    return np.arange(mask.shape[-1]) * mask
