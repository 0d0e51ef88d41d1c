# mistake: the future instead of the past
def masks(attention_mask):
    n = attention_mask.shape[1]
    causal = np.triu(np.ones((n, n))) == 1
    return causal & (attention_mask[:, None, :] > 0)
