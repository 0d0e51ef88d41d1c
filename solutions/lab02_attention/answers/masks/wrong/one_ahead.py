# mistake: one token of the future allowed
def masks(attention_mask):
    n = attention_mask.shape[1]
    return np.tri(n, k=1, dtype=bool) & attention_mask[:, None, :].astype(bool)
