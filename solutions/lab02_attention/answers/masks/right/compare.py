def masks(attention_mask):
    place = np.arange(attention_mask.shape[1])
    return (place[:, None] >= place) & attention_mask.astype(bool)[:, None]
