# mistake: one vector for the batch
def masked_mean(vectors, attention_mask):
    real = attention_mask.astype(bool)
    return vectors[real].mean(axis=0)
