# mistake: the future instead of the past
def masks(attention_mask):
    n = attention_mask.shape[-1]
    rows, cols = np.indices((n, n))
    ordered = rows <= cols
    return np.array([ordered & (m == 1) for m in attention_mask])
