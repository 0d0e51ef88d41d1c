# mistake: padding in the sum
def masked_mean(vectors, attention_mask):
    return vectors.sum(1) / attention_mask.sum(1)[:, None]
