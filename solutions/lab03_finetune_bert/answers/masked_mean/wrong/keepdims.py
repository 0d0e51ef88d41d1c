# mistake: an axis too many
def masked_mean(vectors, attention_mask):
    m = attention_mask[:, :, None]
    return (vectors * m).sum(axis=1, keepdims=True) / m.sum(axis=1, keepdims=True)
