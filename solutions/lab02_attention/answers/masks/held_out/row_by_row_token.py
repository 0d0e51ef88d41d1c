# mistake: padding mask on the queries
def masks(attention_mask):
    batch, n = attention_mask.shape
    look = np.zeros((batch, n, n), dtype=bool)
    for b in range(batch):
        for i in range(n):
            if attention_mask[b, i] == 1:
                look[b, i, :i + 1] = True
    return look
