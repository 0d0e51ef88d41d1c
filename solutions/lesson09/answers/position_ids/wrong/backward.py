# mistake: counted from the end
def position_ids(mask):
    return mask * np.arange(mask.shape[-1])[::-1]
