# mistake: an additive mask
def masks(attention_mask):
    batch, n = attention_mask.shape
    bias = np.full((batch, n, n), -10000.0)
    may_look = np.tri(n, dtype=bool)[None] & (attention_mask == 1)[:, None]
    bias[may_look] = 0.0
    return bias
