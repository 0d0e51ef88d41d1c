# mistake: ones and zeros instead of booleans
def masks(attention_mask):
    batch, n = attention_mask.shape
    allowed = np.zeros((batch, n, n))
    for b in range(batch):
        for q in range(n):
            for k in range(q + 1):
                if attention_mask[b, k]:
                    allowed[b, q, k] = 1
    return allowed
