# mistake: one vector for the batch
def masked_mean(vectors, attention_mask):
    m = attention_mask[:, :, None]
    return (vectors * m).sum(axis=(0, 1)) / m.sum()
