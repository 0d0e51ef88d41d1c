# mistake: no padding mask
def masks(attention_mask):
    batch, n = attention_mask.shape
    one = [[k <= q for k in range(n)] for q in range(n)]
    return np.array([one for _ in range(batch)], dtype=bool)
