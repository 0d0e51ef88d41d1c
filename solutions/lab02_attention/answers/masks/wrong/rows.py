# mistake: padding mask on the queries
def masks(attention_mask):
    n = attention_mask.shape[1]
    causal = np.tril(np.ones((n, n))) == 1
    return causal & (attention_mask[:, :, None] > 0)
