# mistake: polarity reversed
def masks(attention_mask):
    n = attention_mask.shape[1]
    later = np.arange(n)[None, :] > np.arange(n)[:, None]
    return later | (attention_mask[:, None, :] == 0)
