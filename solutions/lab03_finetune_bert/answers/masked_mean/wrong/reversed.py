# mistake: the mean of the padding
def masked_mean(vectors, attention_mask):
    pad = (attention_mask == 0).astype(float)
    return (vectors * pad[..., None]).sum(1) / pad.sum(1, keepdims=True)
