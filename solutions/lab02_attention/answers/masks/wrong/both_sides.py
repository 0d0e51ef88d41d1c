# mistake: padding hidden on both sides
def masks(attention_mask):
    n = attention_mask.shape[1]
    pairs = attention_mask[:, :, None] * attention_mask[:, None, :]
    return np.tril(np.ones((n, n), dtype=int)) * pairs > 0
