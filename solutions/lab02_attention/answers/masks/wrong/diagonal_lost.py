# mistake: causal mask off by one
def masks(attention_mask):
    n = attention_mask.shape[1]
    earlier = np.arange(n)[None, :] < np.arange(n)[:, None]
    return earlier & attention_mask[:, None, :].astype(bool)
