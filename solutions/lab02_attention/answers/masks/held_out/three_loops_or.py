# mistake: either instead of both
def masks(attention_mask):
    b, n = attention_mask.shape
    out = np.zeros((b, n, n), dtype=bool)
    for s in range(b):
        for q in range(n):
            for k in range(n):
                out[s, q, k] = k <= q or attention_mask[s, k] == 1
    return out
