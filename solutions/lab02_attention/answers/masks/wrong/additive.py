# mistake: an additive mask
def masks(attention_mask):
    n = attention_mask.shape[1]
    ok = np.tri(n, dtype=bool) & (attention_mask[:, None, :] == 1)
    return np.where(ok, 0.0, float('-inf'))
