# mistake: the mean of the padding
def masked_mean(vectors, attention_mask):
    keep = (attention_mask == 0)[:, :, np.newaxis]
    total = (vectors * keep).sum(axis=1)
    count = np.maximum(keep.sum(axis=1), 1)
    return total / count
