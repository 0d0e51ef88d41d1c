# mistake: causal mask off by one
def masks(attention_mask):
    pos = np.arange(attention_mask.shape[1])
    before = pos[None, :] < pos[:, None]
    real = attention_mask.astype(bool)
    return before[None] & real[:, None]
