# mistake: the largest instead of the mean
def masked_mean(vectors, attention_mask):
    v = np.where(attention_mask[:, :, None] == 1, vectors, -1e300)
    return v.max(axis=1)
