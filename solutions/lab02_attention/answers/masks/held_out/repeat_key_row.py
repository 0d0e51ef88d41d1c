# mistake: no causal mask
def masks(attention_mask):
    tokens = attention_mask.shape[1]
    real = attention_mask != 0
    return np.stack([real] * tokens, axis=1)
