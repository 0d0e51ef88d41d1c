# mistake: no padding mask
def masks(attention_mask):
    n = attention_mask.shape[1]
    return np.stack([np.tri(n, dtype=bool) for _ in attention_mask])
