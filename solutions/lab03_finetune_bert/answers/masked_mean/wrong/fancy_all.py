# mistake: the mask used as indices
def masked_mean(vectors, attention_mask):
    picked = vectors[attention_mask]
    return picked.sum(axis=1) / picked.shape[1]
