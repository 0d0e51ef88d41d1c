# mistake: polarity reversed
def masks(attention_mask):
    batch, n = attention_mask.shape
    blocked = np.zeros((batch, n, n), dtype=bool)
    for b in range(batch):
        for q in range(n):
            blocked[b, q, q + 1:] = True
            blocked[b, q] |= attention_mask[b] == 0
    return blocked
