# mistake: ones and zeros instead of booleans
def masks(attention_mask):
    n = attention_mask.shape[1]
    return np.tril(np.ones((n, n), dtype=int)) * attention_mask[:, None, :]
