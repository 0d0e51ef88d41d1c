# mistake: divided by all places
def masked_mean(vectors, attention_mask):
    kept = np.where(attention_mask[..., None] == 1, vectors, 0.0)
    return np.mean(kept, axis=1)
