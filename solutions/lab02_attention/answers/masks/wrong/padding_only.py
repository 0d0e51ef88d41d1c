# mistake: no causal mask
def masks(attention_mask):
    n = attention_mask.shape[1]
    return np.broadcast_to(attention_mask[:, None, :] == 1, (len(attention_mask), n, n))
