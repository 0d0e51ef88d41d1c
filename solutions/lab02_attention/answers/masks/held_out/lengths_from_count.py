# mistake: padding taken to be on the right
def masks(attention_mask):
    batch, n = attention_mask.shape
    result = np.zeros((batch, n, n), dtype=bool)
    for b in range(batch):
        length = np.count_nonzero(attention_mask[b])
        for q in range(n):
            result[b, q, :min(q + 1, length)] = True
    return result
