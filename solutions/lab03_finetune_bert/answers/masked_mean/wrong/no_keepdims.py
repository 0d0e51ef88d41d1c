# mistake: keepdims forgotten
def masked_mean(vectors, attention_mask):
    total = (vectors * attention_mask[:, :, None]).sum(axis=1)
    return total / attention_mask.sum(axis=1)
