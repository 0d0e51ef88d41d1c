# mistake: either instead of both
def masks(attention_mask):
    n = attention_mask.shape[1]
    return np.logical_or(np.tri(n, dtype=bool), attention_mask[:, None, :] == 1)
