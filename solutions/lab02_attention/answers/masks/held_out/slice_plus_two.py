# mistake: one token of the future allowed
def masks(attention_mask):
    n = attention_mask.shape[1]
    allowed = np.zeros((len(attention_mask), n, n), dtype=bool)
    for q in range(n):
        stop = q + 2
        allowed[:, q, :stop] = attention_mask[:, :stop] == 1
    return allowed
